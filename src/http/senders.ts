/** Who sends reads: the client, by the path, its headers and the settings. */
import { LRUCache } from "lru-cache";
import type { Client, Protocol } from "../policy/clients.ts";
import { type Recognition, recognize } from "../policy/identification.ts";
import { type IdentifiedClient, identifiedClient } from "../policy/identified-client.ts";
import { versionIn } from "../telemetry/agent-version.ts";
import type { Headers } from "./guards.ts";

/** Bounds on a store whose keys callers choose. */
const MAX_RECOGNITIONS = 256;
const MAX_AGENT_LENGTH = 128;

/** The name of agents that no rule knows, and whose versions therefore mean nothing. */
const UNRECOGNISED = "other";

/** What tells senders apart. */
export interface Marked {
  readonly protocol: Protocol;
  /** The client that the path names. */
  readonly client: Client | undefined;
  readonly headers: Pick<Headers, "userAgent" | "accept" | "sdkRequest">;
}

export interface Sender {
  readonly client: IdentifiedClient;
  /** Digits and dots; undefined when the User-Agent names no version. */
  readonly version: string | undefined;
}

/** The client that sent a request, as its headers identify it. */
interface RecognizedAgent {
  readonly recognition: Recognition;
  readonly version: string | undefined;
}

export class Senders {
  readonly #bySetting: Client | undefined;
  readonly #agents = new LRUCache<string, RecognizedAgent>({ max: MAX_RECOGNITIONS });
  /** In a storm one client reads again and again: its marks are compared before a key is made of them. */
  #last: (Sender & { readonly of: Marked }) | undefined;

  /** `bySetting` is the client of the whole pod (`SIDECAR_CLIENT`). */
  constructor(bySetting: Client | undefined) {
    this.#bySetting = bySetting;
  }

  of({ protocol, client: byPath, headers }: Marked): Sender {
    const { userAgent, accept, sdkRequest } = headers;
    if (this.#last !== undefined && isSame(this.#last.of, protocol, byPath, headers)) return this.#last;
    const { recognition, version } = this.#agent(protocol, headers);
    const client = identifiedClient(protocol, { byPath, bySetting: this.#bySetting }, recognition);
    this.#last = { client, version, of: { protocol, client: byPath, headers: { userAgent, accept, sdkRequest } } };
    return this.#last;
  }

  #agent(protocol: Protocol, { userAgent, accept, sdkRequest }: Marked["headers"]): RecognizedAgent {
    const key = `${protocol} ${sdkRequest} ${accept === undefined} ${userAgent?.slice(0, MAX_AGENT_LENGTH) ?? ""}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const recognition = recognize(protocol, { userAgent, accept, sdkRequest });
    const version = recognition.name === UNRECOGNISED ? undefined : versionIn(userAgent);
    const agent = { recognition, version };
    this.#agents.set(key, agent);
    return agent;
  }
}

function isSame(last: Marked, protocol: Protocol, byPath: Client | undefined, headers: Marked["headers"]): boolean {
  return (
    last.protocol === protocol &&
    last.client === byPath &&
    last.headers.userAgent === headers.userAgent &&
    last.headers.accept === headers.accept &&
    last.headers.sdkRequest === headers.sdkRequest
  );
}
