/** Answers reads from the cached credentials, with the expiration that each client is reported. */
import { LRUCache } from "lru-cache";
import type { CachedCredentials } from "../cache/cached-credentials.ts";
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { Client, Protocol } from "../policy/clients.ts";
import type { IdentifiedClient } from "../policy/identified-client.ts";
import { patienceMs } from "../policy/patience.ts";
import { type ReportingPolicy, reportedExpiration } from "../policy/reported-expiration.ts";
import type { AuditTrail } from "../telemetry/audit.ts";
import type { Observer } from "../telemetry/events.ts";
import type { Opens } from "./authorization.ts";
import { type Answer, renderDocument, renderError, renderRefusal, roleName } from "./documents.ts";
import type { Headers } from "./guards.ts";
import { roleList } from "./imds.ts";
import { Senders } from "./senders.ts";

/** aws-c-auth credentials_provider_ecs.c, ECS_RESPONSE_SIZE_LIMIT. Every other client takes more, so it is served all the same. */
const CRT_MAX_BYTES = 10_000;

/** Bounds a store whose keys callers choose. */
const MAX_ANSWERS = 256;

/** What one request asks of one identity. */
export interface Read {
  readonly cache: CredentialCache;
  readonly protocol: Protocol;
  readonly wants: "document" | "role-name";
  /** The IMDS role in the path; any other than the identity's is unknown. */
  readonly role?: string;
  /** The client that the path names. */
  readonly client: Client | undefined;
  readonly headers: Headers;
  /** The request's target as it came. */
  readonly path: string;
  /** The identities that the client's token opens. */
  readonly opens: Opens;
  /** True for HEAD, which gets the headers of an answer and no credentials. */
  readonly headOnly: boolean;
}

export interface ReadsOptions {
  readonly policy: ReportingPolicy;
  /** The client of the whole pod (`SIDECAR_CLIENT`). */
  readonly client: Client | undefined;
  readonly now: () => number;
  readonly observer: Pick<Observer, "onRead" | "onRefused" | "onLargeDocument">;
  /** Undefined when the audit trail is off, so that a read does not pay for it. */
  readonly audit?: Pick<AuditTrail, "onServed"> | undefined;
}

/** The last document of one identity, and what it was rendered for. */
interface LastDocument {
  readonly protocol: Protocol;
  readonly generation: number;
  readonly reported: number;
  readonly accessKeyIdField: string | undefined;
  readonly document: Answer;
}

export class Reads {
  readonly #options: ReadsOptions;
  readonly #documents = new LRUCache<string, Answer>({ max: MAX_ANSWERS });
  /** The next read is mostly for the same document, and then no key is made. As many as there are identities. */
  readonly #last = new Map<CredentialCache, LastDocument>();
  readonly #senders: Senders;

  constructor(options: ReadsOptions) {
    this.#options = options;
    this.#senders = new Senders(options.client);
  }

  /** The answer from memory; undefined when nothing may be served. Never waits. */
  now(read: Read): Answer | undefined {
    const cached = read.cache.current();
    return cached === undefined ? undefined : this.#answer(read, cached);
  }

  /** The answer after the flight in progress, or 503 when that takes longer than this client waits. */
  async soon(read: Read): Promise<Answer> {
    const cached = await read.cache.wait(patienceMs(read.protocol, this.#senders.of(read).client.name));
    const answer = cached === undefined ? undefined : this.#answer(read, cached);
    return answer ?? this.#unavailable(read);
  }

  #answer(read: Read, cached: CachedCredentials): Answer | undefined {
    const { cache, wants, role } = read;
    if (wants === "role-name") return roleList(cache.identity, cached);
    if (role !== undefined && role !== roleName(cache.identity, cached.credentials)) {
      this.#options.observer.onRefused("unknown-role", { client: this.#senders.of(read).client.name });
      return UNKNOWN_ROLE;
    }
    return this.#document(read, cached);
  }

  #document(read: Read, cached: CachedCredentials): Answer | undefined {
    const { cache, protocol } = read;
    const { policy, now: clock, observer, audit } = this.#options;
    const now = clock();
    const { client, version } = this.#senders.of(read);
    const { credentials } = cached;
    const reported = reportedExpiration({ credentials, now, windows: client.windows, policy });
    if (reported === undefined) return undefined;
    if (!read.headOnly) {
      observer.onRead({ identity: cache.identity, protocol, client, version, now, reportedExpiration: reported });
      audit?.onServed({ now, client: client.name, reportedExpiration: reported, ...auditFacts(read, cached) });
    }
    return this.#rendered(read, cached, reported, client);
  }

  /** Rendered once per generation, protocol, reported expiration and what the client needs beyond AWS's own fields. */
  #rendered(
    { cache, protocol }: Read,
    cached: CachedCredentials,
    reported: number,
    { accessKeyIdField }: IdentifiedClient,
  ): Answer {
    const { generation } = cached;
    const last = this.#last.get(cache);
    if (
      last?.generation === generation &&
      last.reported === reported &&
      last.protocol === protocol &&
      last.accessKeyIdField === accessKeyIdField
    ) {
      return last.document;
    }
    const document = this.#documentOf({ cache, protocol }, cached, reported, accessKeyIdField);
    this.#last.set(cache, { protocol, generation, reported, accessKeyIdField, document });
    return document;
  }

  #documentOf(
    { cache: { identity }, protocol }: Pick<Read, "cache" | "protocol">,
    { credentials, obtainedAt, generation }: CachedCredentials,
    reportedExpiration: number,
    accessKeyIdField: IdentifiedClient["accessKeyIdField"],
  ): Answer {
    const key = `${identity} ${protocol} ${generation} ${reportedExpiration} ${accessKeyIdField ?? ""}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const input = { protocol, identity, credentials, obtainedAt, reportedExpiration, accessKeyIdField };
    const rendered = renderDocument(input);
    if (protocol === "container" && rendered.bytes > CRT_MAX_BYTES) {
      this.#options.observer.onLargeDocument(identity, rendered.bytes);
    }
    this.#documents.set(key, rendered);
    return rendered;
  }

  /** 503 and not 4xx: every SDK that retries at all retries 5xx. */
  #unavailable(read: Read): Answer {
    const { cache, protocol, headOnly } = read;
    const { now, observer } = this.#options;
    const { client, version } = this.#senders.of(read);
    const { identity } = cache;
    if (!headOnly) observer.onRead({ identity, protocol, client, version, now: now(), reportedExpiration: undefined });
    const { cached, failure } = cache.state;
    const what = cached === undefined ? "no credentials yet" : "the credentials have expired";
    const why = failure === undefined ? "upstream has not answered yet" : failure.message;
    const code = cached === undefined ? "CredentialsNotReady" : "CredentialsExpired";
    return renderError(503, code, `${what}: ${why}`);
  }
}

/** What the audit trail records of a read. Never a secret. */
function auditFacts({ cache, protocol, path, opens }: Read, { credentials }: CachedCredentials) {
  const { accessKeyId, roleArn, accountId, lifetime } = credentials;
  return {
    identity: cache.identity,
    protocol,
    path,
    token: opens === "every" ? undefined : [...opens].join(","),
    accessKeyId,
    roleArn,
    accountId,
    expiration: lifetime.kind === "until" ? lifetime.expiration : undefined,
  };
}

const UNKNOWN_ROLE = renderRefusal({ reason: "unknown-role" });
