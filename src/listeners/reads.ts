/** From what is held to what one reader is told. */
import { LRUCache } from "lru-cache";
import type { Keeper } from "../keeper/keeper.ts";
import type { Held } from "../keeper/outcome.ts";
import type { Client, Protocol } from "../lifetime/clients.ts";
import { type Recognition, recognize } from "../lifetime/recognize.ts";
import { type ReportingPolicy, reportedExpiration } from "../lifetime/reported.ts";
import { type Reader, readerOf } from "../lifetime/thresholds.ts";
import { versionIn } from "../telemetry/agent-version.ts";
import type { AuditTrail } from "../telemetry/audit.ts";
import type { Observer } from "../telemetry/events.ts";
import type { Opens } from "./authorization.ts";
import { type Answer, renderDocument, renderError, roleName } from "./documents.ts";
import type { Headers } from "./guards.ts";
import { roleList } from "./imds.ts";

/** JavaScript, Java v2 and PHP give up after 1 s (container); Go v2 after 500 ms (IMDS). */
const COLD_WAIT_MS: Readonly<Record<Protocol, number>> = { container: 800, imds: 400 };

/** Bounds on stores whose keys callers choose. */
const MAX_ANSWERS = 256;
const MAX_RECOGNITIONS = 256;
const MAX_AGENT_LENGTH = 128;

/** What one request asks of one identity. */
export interface Read {
  readonly keeper: Keeper;
  readonly protocol: Protocol;
  readonly wants: "document" | "role-name";
  /** The IMDS role in the path; any other than the identity's is unknown. */
  readonly role?: string;
  /** The client that the path names. */
  readonly client: Client | undefined;
  readonly headers: Headers;
  /** The request's target as it came. */
  readonly path: string;
  /** What the reader's token opens. */
  readonly opens: Opens;
  /** HEAD asks how an answer would be, and is given no credentials. */
  readonly headOnly: boolean;
}

export interface ReadsOptions {
  readonly policy: ReportingPolicy;
  /** The client of the whole pod (`SIDECAR_CLIENT`). */
  readonly client: Client | undefined;
  readonly now: () => number;
  readonly observer: Pick<Observer, "onRead">;
  /** Undefined when nobody keeps one: a read must not pay for it then. */
  readonly audit?: Pick<AuditTrail, "onServed"> | undefined;
}

/** Who sent a request, as far as its headers tell. */
interface Sender {
  readonly recognition: Recognition;
  readonly version: string | undefined;
}

/** The label of agents that no rule knows: a version in one of them is nobody's. */
const UNRECOGNISED = "other";

export class Reads {
  readonly #options: ReadsOptions;
  readonly #documents = new LRUCache<string, Answer>({ max: MAX_ANSWERS });
  readonly #senders = new LRUCache<string, Sender>({ max: MAX_RECOGNITIONS });

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  /** The answer from memory; undefined when nothing may be served. Never waits. */
  now(read: Read): Answer | undefined {
    const held = read.keeper.current();
    return held === undefined ? undefined : this.#answer(read, held);
  }

  /** The answer after the flight in progress, or 503 when that takes longer than the client has patience for. */
  async soon(read: Read): Promise<Answer> {
    const held = await read.keeper.wait(COLD_WAIT_MS[read.protocol]);
    const answer = held === undefined ? undefined : this.#answer(read, held);
    return answer ?? this.#unavailable(read);
  }

  #answer(read: Read, held: Held): Answer | undefined {
    const { keeper, wants, role } = read;
    if (wants === "role-name") return roleList(keeper.identity, held);
    if (role !== undefined && role !== roleName(keeper.identity, held.credentials)) return UNKNOWN_ROLE;
    return this.#document(read, held);
  }

  #document(read: Read, held: Held): Answer | undefined {
    const { keeper, protocol } = read;
    const { policy, client, now: clock, observer, audit } = this.#options;
    const now = clock();
    const declared = { byPath: read.client, bySetting: client };
    const { recognition, version } = this.#sender(protocol, read.headers);
    const reader = readerOf(protocol, declared, recognition);
    const { credentials } = held;
    const reported = reportedExpiration({ credentials, now, thresholds: reader.thresholds, policy });
    if (reported === undefined) return undefined;
    if (!read.headOnly) {
      observer.onRead({ identity: keeper.identity, protocol, reader, version, now, reportedExpiration: reported });
      audit?.onServed({ now, client: reader.label, reportedExpiration: reported, ...auditFacts(read, held) });
    }
    return this.#rendered(read, held, reported, reader);
  }

  /** Rendered once per generation, protocol, reported expiration and what the client needs beyond AWS's own fields. */
  #rendered({ keeper, protocol }: Read, held: Held, reported: number, { accessKeyIdField }: Reader): Answer {
    const { identity } = keeper;
    const key = `${identity} ${protocol} ${held.generation} ${reported} ${accessKeyIdField ?? ""}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const { credentials, obtainedAt } = held;
    const document = { protocol, identity, credentials, obtainedAt, reportedExpiration: reported, accessKeyIdField };
    const rendered = renderDocument(document);
    this.#documents.set(key, rendered);
    return rendered;
  }

  #sender(protocol: Protocol, { userAgent, accept, sdkRequest }: Headers): Sender {
    const key = `${protocol} ${sdkRequest} ${accept === undefined} ${userAgent?.slice(0, MAX_AGENT_LENGTH) ?? ""}`;
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const recognition = recognize(protocol, { userAgent, accept, sdkRequest });
    const version = recognition.label === UNRECOGNISED ? undefined : versionIn(userAgent);
    const sender = { recognition, version };
    this.#senders.set(key, sender);
    return sender;
  }

  /** 503 and not 4xx: every SDK that retries at all retries 5xx. */
  #unavailable({ keeper, protocol, headers, client }: Read): Answer {
    const { now, observer, client: bySetting } = this.#options;
    const { recognition, version } = this.#sender(protocol, headers);
    const reader = readerOf(protocol, { byPath: client, bySetting }, recognition);
    const { identity } = keeper;
    observer.onRead({ identity, protocol, reader, version, now: now(), reportedExpiration: undefined });
    const { held, failure } = keeper.state;
    const what = held === undefined ? "no credentials yet" : "the credentials have expired";
    const why = failure === undefined ? "upstream has not answered yet" : failure.message;
    return renderError(503, held === undefined ? "CredentialsNotReady" : "CredentialsExpired", `${what}: ${why}`);
  }
}

/** What the audit trail tells of a read, and no secret among it. */
function auditFacts({ keeper, protocol, path, opens }: Read, { credentials }: Held) {
  const { accessKeyId, roleArn, accountId, lifetime } = credentials;
  return {
    identity: keeper.identity,
    protocol,
    path,
    token: opens === "every" ? undefined : [...opens].join(","),
    accessKeyId,
    roleArn,
    accountId,
    expiration: lifetime.kind === "until" ? lifetime.expiration : undefined,
  };
}

const UNKNOWN_ROLE = renderError(404, "UnknownRole", "no such role is served here");
