/** The credential listener: guards, one look-up, one write. */
import type { CredentialCache } from "../cache/credential-cache.ts";
import { recognize } from "../policy/identification.ts";
import type { Refusal, RefusalFacts } from "../refusals.ts";
import type { Observer } from "../telemetry/events.ts";
import { DEFAULT_IDENTITY } from "../upstream/create.ts";
import { opensIdentity, type Tokens } from "./authorization.ts";
import { type Answer, renderRefusal, withoutErrorBody } from "./documents.ts";
import { type AllowedHosts, guard, type Headers, readHeaders } from "./guards.ts";
import { checkSession, type ImdsFacts, imdsFact, openSession } from "./imds.ts";
import { isOwnPeer } from "./peers.ts";
import type { Read, Reads } from "./reads.ts";
import type { Asked } from "./repeats.ts";
import { type Route, routeOf } from "./routes.ts";
import type { SessionTokens } from "./session-token.ts";
import { IMDS_ROOT, unknownIdentity, unknownPath } from "./unknown.ts";

export interface CredentialListenerOptions {
  /** By every name that an identity is served under. */
  readonly caches: ReadonlyMap<string, CredentialCache>;
  readonly reads: Reads;
  readonly hosts: AllowedHosts;
  /** Peers need not be looked at: nobody but this pod can connect, or whoever can may ask. */
  readonly everyPeer: boolean;
  readonly tokens: Tokens;
  readonly sessions: SessionTokens;
  readonly imds: "off" | "v1" | "v2";
  readonly imdsFacts: ImdsFacts;
  readonly observer: Pick<Observer, "onRefused">;
}

/** The outcome of a request: an answer, a refusal, or a read that may have to wait. */
type Step =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "read"; readonly read: Read }
  | { readonly kind: "later"; readonly step: Promise<Step> };

const NOT_OURS: Refusal = { reason: "peer" };
const GET: readonly string[] = ["GET", "HEAD"];
const PUT: readonly string[] = ["PUT"];

export function credentialListener(options: CredentialListenerOptions) {
  return (request: Asked, reply: (answer: Answer) => void): void => {
    const { step, headers, route } = firstStep(options, request);
    take(step, options, headers, route.kind === "imds-roles" ? (answer) => reply(withoutErrorBody(answer)) : reply);
  };
}

/** The answer to a read whose credentials are in memory; undefined for anything else, and then nothing was done. */
export function answerFromMemory(options: CredentialListenerOptions) {
  return (request: Asked): Answer | undefined => {
    const { step } = firstStep(options, request);
    return step.kind === "read" ? options.reads.now(step.read) : undefined;
  };
}

function firstStep(options: CredentialListenerOptions, request: Asked) {
  const { hosts, everyPeer, imds } = options;
  const { url: path = "", method = "", rawHeaders } = request;
  const headers = readHeaders(rawHeaders);
  const refusal = everyPeer || isOwnPeer(request.socket) ? guard(headers, path, hosts) : NOT_OURS;
  const route = routeOf(path, imds !== "off");
  const step = refusal === undefined ? stepOf(options, route, { path, method, headers }) : refuse(refusal);
  return { step, headers, route };
}

function take(step: Step, options: CredentialListenerOptions, headers: Headers, reply: (answer: Answer) => void): void {
  switch (step.kind) {
    case "read":
      serve(options.reads, step.read, reply);
      break;
    case "answer":
      reply(step.answer);
      break;
    case "refusal":
      options.observer.onRefused(step.refusal.reason, factsOf(step.refusal, headers));
      reply(renderRefusal(step.refusal));
      break;
    case "later":
      void step.step.then((next) => take(next, options, headers, reply));
  }
}

/** The headers may identify the client by the rules of one protocol or of the other; the first that recognises it counts. */
function factsOf({ fault, header, nearest }: Refusal, headers: Headers): RefusalFacts {
  const [container, imds] = [recognize("container", headers), recognize("imds", headers)];
  const { name: client } = container.kind === "unknown" ? imds : container;
  return { client, ...(fault && { fault }), ...(header && { header }), ...(nearest && { nearest }) };
}

function serve(reads: Reads, read: Read, reply: (answer: Answer) => void): void {
  const answer = reads.now(read);
  if (answer === undefined) void reads.soon(read).then(reply);
  else reply(answer);
}

/** A request that passed the guards. */
interface Guarded {
  readonly path: string;
  readonly method: string;
  readonly headers: Headers;
}

function stepOf(options: CredentialListenerOptions, route: Route, asked: Guarded): Step {
  switch (route.kind) {
    case "credentials":
    case "unknown-client":
    case "unknown":
      return containerStep(options, route, asked);
    case "imds-session":
      return PUT.includes(asked.method) ? answer(openSession(options.sessions, asked.headers)) : wrongMethod(PUT);
    default:
      return imdsStep(options, route, asked);
  }
}

type ContainerRoute = Extract<Route, { kind: "credentials" | "unknown-client" | "unknown" }>;
type ImdsRoute = Exclude<Route, ContainerRoute | { kind: "imds-session" }>;

function containerStep(options: CredentialListenerOptions, route: ContainerRoute, asked: Guarded): Step {
  const { tokens, caches } = options;
  const { path, method, headers } = asked;
  const opens = tokens.required ? tokens.opens(headers.authorization) : "every";
  if (opens === undefined) return withoutToken(options, route, asked);
  if (route.kind === "unknown") return refuse(unknownPath(path, options.imds));
  if (!GET.includes(method)) return wrongMethod(GET);
  if (route.kind === "unknown-client") return refuse({ reason: "unknown-client" });
  const cache = caches.get(route.identity);
  if (cache === undefined) return refuse(unknownIdentity(opens, caches));
  if (!opensIdentity(opens, cache, caches)) return refuse({ reason: "identity" });
  const { client } = route;
  const headOnly = method === "HEAD";
  const read = { cache, protocol: "container", wants: "document", client, headers, path, opens, headOnly } as const;
  return { kind: "read", read };
}

/** A token may be newer than the last look at its file. */
function withoutToken(options: CredentialListenerOptions, route: ContainerRoute, asked: Guarded): Step {
  const { tokens } = options;
  const { authorization } = asked.headers;
  if (!tokens.mayHaveChanged(authorization)) return refuse({ reason: "token" });
  const looked = async (): Promise<Step> =>
    (await tokens.opensNow(authorization)) === undefined
      ? refuse({ reason: "token" })
      : containerStep(options, route, asked);
  return { kind: "later", step: looked() };
}

/** No auth token here: IMDS has none, and is off with one unless the settings say otherwise. */
function imdsStep(options: CredentialListenerOptions, route: ImdsRoute, { path, method, headers }: Guarded): Step {
  const { sessions, imds, caches, imdsFacts } = options;
  if (!GET.includes(method)) return wrongMethod(GET);
  const refusal = checkSession(sessions, imds === "v1" ? "v1" : "v2", headers);
  if (refusal !== undefined) return refuse(refusal);
  const cache = caches.get(DEFAULT_IDENTITY);
  if (cache === undefined) return refuse({ reason: "unknown-identity" });
  const headOnly = method === "HEAD";
  const read = { cache, protocol: "imds", client: undefined, headers, path, opens: "every", headOnly } as const;
  switch (route.kind) {
    case "imds-roles":
      return { kind: "read", read: { ...read, wants: "role-name" } };
    case "imds-credentials":
      return { kind: "read", read: { ...read, wants: "document", role: route.role } };
    case "imds-fact":
      return answer(imdsFact(route.fact, imdsFacts, cache.current()));
    case "imds-root":
      return refuse(IMDS_ROOT);
  }
}

function answer(rendered: Answer): Step {
  return { kind: "answer", answer: rendered };
}

function refuse(refusal: Refusal): Step {
  return { kind: "refusal", refusal };
}

function wrongMethod(allow: readonly string[]): Step {
  return refuse({ reason: "method", message: `allowed here: ${allow.join(", ")}`, allow });
}
