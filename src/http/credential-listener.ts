/** The credential listener: guards, one look-up, one write. */
import type { IncomingMessage } from "node:http";
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { RefusalReason } from "../refusals.ts";
import type { Observer } from "../telemetry/events.ts";
import { DEFAULT_IDENTITY } from "../upstream/create.ts";
import type { Tokens } from "./authorization.ts";
import { type Answer, renderError } from "./documents.ts";
import { type AllowedHosts, guard, type Headers, type Refusal, readHeaders } from "./guards.ts";
import { checkSession, type ImdsFacts, imdsFact, openSession } from "./imds.ts";
import type { Read, Reads } from "./reads.ts";
import { type Route, routeOf } from "./routes.ts";
import type { SessionTokens } from "./session-token.ts";

export interface CredentialListenerOptions {
  /** By every name that an identity is served under. */
  readonly caches: ReadonlyMap<string, CredentialCache>;
  readonly reads: Reads;
  readonly hosts: AllowedHosts;
  readonly tokens: Tokens;
  readonly sessions: SessionTokens;
  readonly imds: "off" | "v1" | "v2";
  readonly imdsFacts: ImdsFacts;
  readonly observer: Pick<Observer, "onRefused">;
}

/** What a request comes to: an answer, a refusal, or a read that may have to wait. */
type Step =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refusal"; readonly refusal: Refusal }
  | { readonly kind: "read"; readonly read: Read };

const GET: readonly string[] = ["GET", "HEAD"];
const PUT: readonly string[] = ["PUT"];

export function credentialListener(options: CredentialListenerOptions) {
  const { reads, hosts, imds, observer } = options;

  return (request: IncomingMessage, reply: (answer: Answer) => void): void => {
    const { url: path = "", method = "", rawHeaders } = request;
    const headers = readHeaders(rawHeaders);
    const refusal = guard(headers, path, hosts);
    const step =
      refusal === undefined
        ? stepOf(options, routeOf(path, imds !== "off"), { path, method, headers })
        : refuse(refusal);
    switch (step.kind) {
      case "read":
        serve(reads, step.read, reply);
        break;
      case "answer":
        reply(step.answer);
        break;
      case "refusal":
        observer.onRefused(step.refusal.reason);
        reply(renderRefusal(step.refusal));
    }
  };
}

function serve(reads: Reads, read: Read, reply: (answer: Answer) => void): void {
  const answer = reads.now(read);
  if (answer === undefined) void reads.soon(read).then(reply);
  else reply(answer);
}

/** A request that passed the guards. */
interface Asked {
  readonly path: string;
  readonly method: string;
  readonly headers: Headers;
}

function stepOf(options: CredentialListenerOptions, route: Route, asked: Asked): Step {
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

function containerStep(
  { tokens, caches }: CredentialListenerOptions,
  route: ContainerRoute,
  { path, method, headers }: Asked,
): Step {
  const opens = tokens.required ? tokens.opens(headers.authorization) : "every";
  if (opens === undefined) return refused("token", 401, TOKEN_MESSAGE);
  if (route.kind === "unknown") return answer(renderError(404, "NotFound", "no such path; GET /v1/credentials"));
  if (!GET.includes(method)) return wrongMethod(GET);
  if (route.kind === "unknown-client") {
    return answer(renderError(404, "UnknownClient", "no such client in the table; --help lists the names"));
  }
  const cache = caches.get(route.identity);
  if (cache === undefined) return answer(renderError(404, "UnknownIdentity", "no such identity is served here"));
  // The first profile and the default are one identity: a token for either name opens both.
  if (opens !== "every" && ![...opens].some((name) => caches.get(name) === cache)) {
    return refused("identity", 403, "the token opens another identity");
  }
  const { client } = route;
  const headOnly = method === "HEAD";
  const read = { cache, protocol: "container", wants: "document", client, headers, path, opens, headOnly } as const;
  return { kind: "read", read };
}

/** No auth token here: IMDS has none, and is off with one unless the settings say otherwise. */
function imdsStep(options: CredentialListenerOptions, route: ImdsRoute, { path, method, headers }: Asked): Step {
  const { sessions, imds, caches, imdsFacts } = options;
  if (!GET.includes(method)) return wrongMethod(GET);
  const refusal = checkSession(sessions, imds === "v1" ? "v1" : "v2", headers);
  if (refusal !== undefined) return refuse(refusal);
  const cache = caches.get(DEFAULT_IDENTITY);
  if (cache === undefined) return answer(renderError(404, "UnknownIdentity", "no identity is served on IMDS"));
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
      return answer(renderError(404, "NotFound", "no such path; GET /latest/meta-data/iam/security-credentials/"));
  }
}

const TOKEN_MESSAGE = "Authorization must carry the token of AWS_CONTAINER_AUTHORIZATION_TOKEN or its file";

function answer(rendered: Answer): Step {
  return { kind: "answer", answer: rendered };
}

function refuse(refusal: Refusal): Step {
  return { kind: "refusal", refusal };
}

function refused(reason: RefusalReason, status: number, message: string): Step {
  return refuse({ reason, status, message });
}

function wrongMethod(allowed: readonly string[]): Step {
  return refused("method", 405, `allowed here: ${allowed.join(", ")}`);
}

const codes: Readonly<Record<RefusalReason, string>> = {
  forwarded: "ForwardedRequest",
  browser: "BrowserRequest",
  host: "HostNotAllowed",
  target: "BadTarget",
  body: "BodyNotAllowed",
  method: "MethodNotAllowed",
  token: "TokenRequired",
  identity: "OtherIdentity",
  "session-token": "SessionTokenRequired",
  malformed: "MalformedRequest",
};

function renderRefusal({ reason, status, message }: Refusal): Answer {
  const allow = status === 405 ? ["Allow", message.replace("allowed here: ", "")] : [];
  return renderError(status, codes[reason], message, allow);
}
