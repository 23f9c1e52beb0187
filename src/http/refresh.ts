/**
 * `POST /refresh` on the admin listener: new credentials now, for every identity or for one (`?identity=NAME`). Only this
 * pod may ask, whatever `SIDECAR_STATUS` says, and with the auth token where there is one. Never a secret in the answer.
 */
import type { IncomingMessage } from "node:http";
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { ForcedRefresh, ForcedResult } from "../cache/forced-refresh.ts";
import type { Clock } from "../edge.ts";
import type { Refusal } from "../refusals.ts";
import { isLoopback } from "../settings/addresses.ts";
import type { ListenAddress } from "../settings/values.ts";
import type { Observer } from "../telemetry/events.ts";
import { formatTime, SECOND } from "../time.ts";
import { opensIdentity, type Tokens } from "./authorization.ts";
import { type Answer, json, renderRefusal } from "./documents.ts";
import { AllowedHosts, guard, type Headers, readHeaders } from "./guards.ts";
import { unknownIdentity } from "./unknown.ts";

/** The longest that an answer waits for upstream: one attempt of STS or of an agent, and the one in flight before it. */
export const REFRESH_ANSWER_MS = 30 * SECOND;

export interface RefreshOptions {
  /** By every name that an identity is served under. */
  readonly caches: ReadonlyMap<string, CredentialCache>;
  readonly tokens: Tokens;
  readonly clock: Clock;
  /** Where the admin listener listens. */
  readonly addresses: readonly ListenAddress[];
  readonly observer: Pick<Observer, "onRefused">;
}

/** What became of one identity's forced refresh. `pending`: upstream has not answered yet, and the refresh goes on. */
type Result = ForcedResult | { readonly kind: "pending" } | Extract<ForcedRefresh, { kind: "too-soon" }>;

export type RefreshDocument = { readonly identities: readonly ReturnType<typeof resultJson>[] };

const TARGET = /^\/refresh(?:\?identity=([\w.@+-]+))?$/;

/** Whether a request target is of this endpoint, however wrong the rest of it is. */
export function isRefresh(target: string | undefined): boolean {
  return /^\/refresh(?:\?|$)/.test(target ?? "");
}

export function refreshEndpoint(options: RefreshOptions): (request: IncomingMessage) => Promise<Answer> {
  const own = options.addresses.filter(({ host }) => host !== undefined && isLoopback(host));
  const hosts = new AllowedHosts([{ host: "127.0.0.1", port: 0 }, ...own]);
  return async (request) => {
    const headers = readHeaders(request.rawHeaders);
    const refusal = guarded(request, headers, hosts);
    const asked = refusal ?? (await identitiesOf(options, headers, request.url ?? ""));
    if (!Array.isArray(asked)) {
      const { reason, header } = asked as Refusal;
      options.observer.onRefused(reason, header === undefined ? {} : { header });
      return renderRefusal(asked as Refusal);
    }
    // Node gives up a connection on which nothing moves for 5 s.
    request.socket.setTimeout(REFRESH_ANSWER_MS + 5 * SECOND);
    const results = await Promise.all(asked.map((cache: CredentialCache) => refreshOf(cache, options.clock)));
    return answerOf(results);
  };
}

function guarded({ socket, method, url = "" }: IncomingMessage, headers: Headers, hosts: AllowedHosts) {
  if (!isLoopback(socket.remoteAddress ?? "")) return NOT_OURS;
  const refusal = guard(headers, url, hosts);
  if (refusal !== undefined) return refusal;
  return method === "POST" ? undefined : WRONG_METHOD;
}

const NOT_OURS: Refusal = { reason: "refresh-peer" };
const WRONG_METHOD: Refusal = { reason: "method", message: "allowed here: POST", allow: ["POST"] };
const WRONG_QUERY: Refusal = {
  reason: "unknown-path",
  message: "no such path; POST /refresh, or /refresh?identity=NAME",
};

/** The identities that the request names and its token opens; without a name, all that it opens. */
async function identitiesOf({ caches, tokens }: RefreshOptions, { authorization }: Headers, target: string) {
  const opens = tokens.required ? await tokens.opensNow(authorization) : "every";
  if (opens === undefined) return { reason: "token" } as const;
  const match = TARGET.exec(target);
  if (match === null) return WRONG_QUERY;
  const opened = [...caches].filter(([, cache]) => opensIdentity(opens, cache, caches));
  const [, name] = match;
  if (name === undefined) return [...new Set(opened.map(([, cache]) => cache))];
  const named = caches.get(name);
  if (named === undefined) return unknownIdentity(opens, caches);
  return opensIdentity(opens, named, caches) ? [named] : ({ reason: "identity" } as const);
}

async function refreshOf(cache: CredentialCache, clock: Clock) {
  const forced = cache.refreshNow("request");
  if (forced.kind === "too-soon") return resultJson(cache, forced);
  const { promise: late, resolve } = Promise.withResolvers<Result>();
  const cancel = clock.setTimer(REFRESH_ANSWER_MS, () => resolve({ kind: "pending" }));
  const result = await Promise.race([forced.result, late]);
  cancel();
  return resultJson(cache, result);
}

function resultJson(cache: CredentialCache, result: Result) {
  const { kind } = result;
  return {
    identity: cache.identity,
    result: kind,
    ...(result.kind === "refreshed" && result.expiration !== undefined
      ? { expiration: formatTime(result.expiration) }
      : {}),
    ...(result.kind === "too-soon" ? { retryAfterSeconds: Math.ceil(result.retryAfterMs / SECOND) } : {}),
    ...(result.kind === "failed"
      ? {
          class: result.failure.kind,
          code: result.failure.upstreamCode,
          message: result.failure.message,
          remedy: result.failure.remedy,
          served: cache.current() !== undefined,
        }
      : {}),
  };
}

/** By the worst of the results, for scripts that look at nothing else. */
function answerOf(identities: RefreshDocument["identities"]): Answer {
  const has = (kind: Result["kind"]) => identities.some(({ result }) => result === kind);
  const waits = identities.map(({ retryAfterSeconds = 0 }) => retryAfterSeconds);
  const headers = has("too-soon") ? ["Retry-After", String(Math.max(...waits))] : [];
  return json(statusOf(has), { identities }, headers);
}

/** Never 429, and 503 only says that there are no credentials: 409 is for what was refreshed less than a minute ago. */
function statusOf(has: (kind: Result["kind"]) => boolean): number {
  if (has("failed")) return 502;
  if (has("too-soon")) return 409;
  return has("pending") || has("stopped") ? 202 : 200;
}
