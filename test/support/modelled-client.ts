import type { Answer } from "../../src/http/documents.ts";
import type { Read, Reads } from "../../src/http/reads.ts";
import type { Client, Windows } from "../../src/policy/clients.ts";
import { SECOND } from "../../src/time.ts";

/** What a client made of an answer: the key it signs with, and the expiration that was reported. */
export interface Reported {
  readonly accessKeyId: string;
  readonly reportedExpiration: number;
}

/** What a client reads in an answer; undefined when it is no success. */
export function reportedBy({ status, body }: Answer): Reported | undefined {
  if (status !== 200) return undefined;
  const document = JSON.parse(body.toString());
  return { accessKeyId: document.AccessKeyId, reportedExpiration: Date.parse(document.Expiration) };
}

/** What a client does when a read inside its mandatory window fails: it stops, or it keeps signing with what it has. */
export type AfterReadFailure = "stops" | "signs-until-reported" | "signs-for-ever";

/** What it does when the connection was cut, and when it was answered with an error. */
export interface AfterFailure {
  readonly cut: AfterReadFailure;
  readonly refused: AfterReadFailure;
}

/** What the released programs of Java v1 do, tried; of a client without a mandatory window, the worst that is known of any. */
export function afterFailure({ name }: Client, { mandatorySeconds }: Windows): AfterFailure {
  if (mandatorySeconds === 0) return { cut: "signs-for-ever", refused: "signs-for-ever" };
  // 1.12.797.
  if (name === "java-v1") return { cut: "signs-until-reported", refused: "signs-until-reported" };
  // 1.11.546 throws at a 503.
  if (name === "java-v1.11") return { cut: "signs-until-reported", refused: "stops" };
  return { cut: "stops", refused: "stops" };
}

/** How the read before a signature went; `none` when it needed none. */
export type ReadBefore = "none" | "succeeded" | "failed";

export interface Signature {
  readonly accessKeyId: string;
  readonly read: ReadBefore;
}

export interface ModelledClientOptions {
  readonly reads: Reads;
  readonly read: Read;
  /** How the client really behaves, whatever it was declared as. */
  readonly windows: Windows;
  readonly afterFailure: AfterFailure;
  readonly now: () => number;
}

/** What a client wants to do and what the network does to it. */
export interface Signing {
  /** Whether it reads where it may but need not. */
  readonly eager: boolean;
  /** Its connection is cut before it has an answer. */
  readonly cut: boolean;
}

/**
 * A client as the client table describes one. It looks at the same wall clock as the sidecar, for both are in one pod:
 * a suspend takes both along, and a clock that is set ahead ages what it holds.
 */
export class ModelledClient {
  readonly #options: ModelledClientOptions;
  #reported: Reported | undefined;

  constructor(options: ModelledClientOptions) {
    this.#options = options;
  }

  /**
   * What it signs with now; undefined when it does not sign. Inside its mandatory window it reads first, and what it does
   * when that fails is its own; inside its advisory window it reads when it is `eager`, and goes on with what it has when
   * that fails.
   */
  async sign({ eager, cut }: Signing): Promise<Signature | undefined> {
    const { mandatorySeconds, advisorySeconds } = this.#options.windows;
    let read: ReadBefore = "none";
    if (this.#left() < mandatorySeconds * SECOND || (eager && this.#left() < advisorySeconds * SECOND))
      read = await this.#read(cut);
    if (this.#reported === undefined) return undefined;
    const { accessKeyId } = this.#reported;
    if (read === "succeeded") return { accessKeyId, read };
    // The wall clock may have jumped while it waited.
    if (this.#left() >= mandatorySeconds * SECOND) return { accessKeyId, read: "none" };
    return read === "failed" && this.#signsOn(cut) ? { accessKeyId, read } : undefined;
  }

  #signsOn(cut: boolean): boolean {
    const afterReadFailure = this.#options.afterFailure[cut ? "cut" : "refused"];
    return afterReadFailure === "signs-for-ever" || (afterReadFailure === "signs-until-reported" && this.#left() > 0);
  }

  #left(): number {
    const { now } = this.#options;
    return this.#reported === undefined ? Number.NEGATIVE_INFINITY : this.#reported.reportedExpiration - now();
  }

  async #read(cut: boolean): Promise<ReadBefore> {
    const { reads, read } = this.#options;
    const reported = cut ? undefined : reportedBy(reads.now(read) ?? (await reads.soon(read)));
    this.#reported = reported ?? this.#reported;
    return reported === undefined ? "failed" : "succeeded";
  }
}
