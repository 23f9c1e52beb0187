import type { Thresholds } from "../../src/lifetime/clients.ts";
import { SECOND } from "../../src/lifetime/renewal.ts";
import type { Answer } from "../../src/listeners/documents.ts";
import type { Read, Reads } from "../../src/listeners/reads.ts";

/** What a client made of an answer: the key it signs with, and until when it was told that this is good. */
export interface Told {
  readonly accessKeyId: string;
  readonly reportedExpiration: number;
}

/** What a client reads in an answer; undefined when it is no success. */
export function toldBy({ status, body }: Answer): Told | undefined {
  if (status !== 200) return undefined;
  const document = JSON.parse(body.toString());
  return { accessKeyId: document.AccessKeyId, reportedExpiration: Date.parse(document.Expiration) };
}

export interface ModelledClientOptions {
  readonly reads: Reads;
  readonly read: Read;
  /** How the client really behaves, whatever it was declared as. */
  readonly thresholds: Thresholds;
  readonly now: () => number;
}

/**
 * A reader as the client table describes one. It looks at the same wall clock as the sidecar, for both are in one pod:
 * a suspend takes both along, and a clock that is set ahead ages what it holds.
 */
export class ModelledClient {
  readonly #options: ModelledClientOptions;
  #told: Told | undefined;

  constructor(options: ModelledClientOptions) {
    this.#options = options;
  }

  /**
   * The access key it signs with now; undefined when it does not sign. Below `insists` it must read successfully first,
   * below `asks` it does so when it is `eager` and goes on with what it holds when the read fails.
   */
  async sign(eager: boolean): Promise<string | undefined> {
    const { insists, asks } = this.#options.thresholds;
    if (this.#left() < insists * SECOND) return await this.#read();
    if (this.#left() < asks * SECOND && eager) await this.#read();
    return this.#left() < insists * SECOND ? undefined : this.#told?.accessKeyId;
  }

  #left(): number {
    const { now } = this.#options;
    return this.#told === undefined ? Number.NEGATIVE_INFINITY : this.#told.reportedExpiration - now();
  }

  async #read(): Promise<string | undefined> {
    const { reads, read } = this.#options;
    const told = toldBy(reads.now(read) ?? (await reads.soon(read)));
    this.#told = told ?? this.#told;
    return told?.accessKeyId;
  }
}
