/** Checks that the addresses in an application's variables lead to the running sidecar and are answered there. Pure. */
import type { Env } from "../../edge.ts";
import { routeOf } from "../../http/routes.ts";
import { isLoopback } from "../../settings/addresses.ts";
import { FULL_URI, IMDS_DISABLED, IMDS_ENDPOINT, TOKEN, TOKEN_FILE } from "../../settings/variable-names.ts";
import type { UriAnswer } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** The running sidecar, as far as it shows itself. */
export interface RunningSidecar {
  /** Where it serves credentials, as `HOST:PORT`. */
  readonly credentialsAt: readonly string[];
  /** The names of its identities; undefined when it hides its status. */
  readonly identities: readonly string[] | undefined;
}

/** EKS Pod Identity serves `/v1/credentials` here. */
const POD_IDENTITY: readonly string[] = ["169.254.170.23", "[fd00:ec2::23]"];

/**
 * The container URI of `env` when it is meant for the sidecar: by its address, or by a path that begins as the sidecar's
 * do. Any other URI belongs to another agent, which may be the sidecar's own upstream.
 */
export function sidecarUri(env: Env, { credentialsAt }: RunningSidecar): URL | undefined {
  const uri = URL.parse(env[FULL_URI] ?? "");
  if (uri === null) return undefined;
  const ownPath = uri.pathname.startsWith("/v1/") && !POD_IDENTITY.includes(uri.hostname);
  return ownPath || isServedAt(uri, credentialsAt) ? uri : undefined;
}

/** The IMDS endpoint of `env` when it is meant for the sidecar: on the loopback, or one of its addresses. */
export function sidecarEndpoint(env: Env, { credentialsAt }: RunningSidecar): URL | undefined {
  const endpoint = URL.parse(env[IMDS_ENDPOINT] ?? "");
  if (endpoint === null) return undefined;
  const host = hostOf(endpoint);
  return isLoopback(host) || isServedAt(endpoint, credentialsAt) ? endpoint : undefined;
}

function isServedAt(uri: URL, credentialsAt: readonly string[]): boolean {
  const port = uri.port || (uri.protocol === "https:" ? "443" : "80");
  return credentialsAt.some((address) => {
    const own = URL.parse(`http://${address.startsWith(":") ? "0.0.0.0" : ""}${address}`);
    if (own === null || (own.port || "80") !== port) return false;
    return [hostOf(own), "0.0.0.0", "::"].includes(hostOf(uri)) || ["0.0.0.0", "::"].includes(hostOf(own));
  });
}

function hostOf({ hostname }: URL): string {
  return hostname === "localhost" ? "127.0.0.1" : hostname.replace(/^\[(.*)\]$/, "$1");
}

interface Fault {
  readonly code: string;
  /** Begins with what the variable does. */
  readonly text: string;
  readonly remedy: string;
}

/** Faults that the URI itself shows, so that no request is needed. */
export function faultsOf(uri: URL, sidecar: RunningSidecar): readonly Finding[] {
  if (uri.protocol !== "http:") {
    const text = `says ${uri.protocol}//, but the sidecar speaks http only`;
    return [uriProblem({ code: "uri-scheme", text, remedy: "write http://" }, uri, sidecar)];
  }
  if (!isServedAt(uri, sidecar.credentialsAt)) return [];
  const text = pathFault(uri, sidecar);
  if (text === undefined) return [];
  return [uriProblem({ code: "uri-path", text, remedy: "write a path that the sidecar serves" }, uri, sidecar)];
}

/** What the answer to {@link sidecarUri} means. */
export function uriFindings(env: Env, uri: URL, answer: UriAnswer, sidecar: RunningSidecar): readonly Finding[] {
  const [at] = sidecar.credentialsAt;
  const own = isServedAt(uri, sidecar.credentialsAt);
  const remedy = "write the sidecar's own address";
  if (answer.kind === "failed") {
    const text = `leads to ${uri.host}, where nothing answers (${answer.code}); the sidecar serves credentials at ${at}`;
    return [uriProblem({ code: "uri-unreachable", text, remedy }, uri, sidecar)];
  }
  const { status } = answer;
  if (status === 200 || (own && status === 503)) return [own ? leadsHere(uri) : leadsElsewhere(uri)];
  if (!own) {
    const text = `leads to ${uri.host}, which answers ${status}; the sidecar serves credentials at ${at}`;
    return [uriProblem({ code: "uri-elsewhere", text, remedy }, uri, sidecar)];
  }
  if (status === 401) return [tokenRefused(env, uri)];
  const text = `leads to the sidecar, which refuses the request (HTTP ${status})`;
  if (status !== 403) {
    return [uriProblem({ code: "uri-refused", text, remedy: "see Refused in the sidecar's log" }, uri, sidecar)];
  }
  const fault = {
    code: "uri-refused",
    text: `${text}: the token opens another identity than the path asks for, or the host is not the sidecar's own`,
    remedy: "ask for the identity that the token opens, at the sidecar's own address",
  };
  return [uriProblem(fault, uri, sidecar)];
}

function uriProblem({ code, text, remedy }: Fault, uri: URL, sidecar: RunningSidecar): Finding {
  const [servedAt] = sidecar.credentialsAt;
  const path = pathFault(uri, sidecar) === undefined ? uri.pathname : "/v1/credentials";
  return {
    severity: "problem",
    code,
    facts: { ...factsOf(uri), servedAt },
    text: `${FULL_URI} ${text}`,
    remedy,
    line: servedAt === undefined ? undefined : `${FULL_URI}=http://${servedAt}${path}`,
  };
}

function factsOf(uri: URL): Finding["facts"] {
  return { variable: FULL_URI, address: uri.host, path: uri.pathname };
}

function leadsHere(uri: URL): Finding {
  const text = `${FULL_URI} leads to the sidecar, so these are an application's variables`;
  return { severity: "ok", code: "application-variables", facts: factsOf(uri), text };
}

function leadsElsewhere(uri: URL): Finding {
  const text = `${FULL_URI} leads to ${uri.host}, which gives credentials but is not this sidecar`;
  return {
    severity: "advice",
    code: "uri-elsewhere",
    facts: factsOf(uri),
    text,
    remedy: "check that it is the one that you mean",
  };
}

/** Why the sidecar does not serve this path; undefined when it does. */
function pathFault(uri: URL, { identities }: RunningSidecar): string | undefined {
  const path = `${uri.pathname}${uri.search}`;
  const route = routeOf(path, false);
  switch (route.kind) {
    case "unknown-client":
      return `names the client ${route.name}, which the sidecar does not know; --help lists the names`;
    case "credentials":
      if (identities === undefined || identities.includes(route.identity)) return undefined;
      return `names the identity ${route.identity}, which the sidecar does not serve (it serves ${identities.join(", ")})`;
    default:
      return `has the path ${path}, which the sidecar does not serve`;
  }
}

function tokenRefused(env: Env, uri: URL): Finding {
  const variable = [TOKEN_FILE, TOKEN].find((name) => env[name]);
  const text =
    variable === undefined
      ? `The sidecar demands an auth token, and neither ${TOKEN} nor ${TOKEN_FILE} is set`
      : `The sidecar does not accept the auth token of ${variable}`;
  const remedy = `give the application's container the sidecar's token, in ${TOKEN} or a file that ${TOKEN_FILE} names`;
  return { severity: "problem", code: "token-refused", facts: { ...factsOf(uri), token: variable }, text, remedy };
}

/** What the answer to {@link sidecarEndpoint} means. */
export function endpointFindings(
  env: Env,
  endpoint: URL,
  answer: UriAnswer,
  { credentialsAt }: RunningSidecar,
): readonly Finding[] {
  const [at = "127.0.0.1:9911"] = credentialsAt;
  const facts = { variable: IMDS_ENDPOINT, address: endpoint.host, servedAt: at };
  if (!isServedAt(endpoint, credentialsAt)) {
    if (answer.kind === "answered" && answer.status === 200) return [];
    const why = answer.kind === "failed" ? answer.code : `HTTP ${answer.status}`;
    const text = `${IMDS_ENDPOINT} leads to ${endpoint.host}, where no IMDS answers (${why}); the sidecar serves credentials at ${at}`;
    const [remedy, line] = ["write the sidecar's own address", `${IMDS_ENDPOINT}=http://${at}`];
    return [{ severity: "problem", code: "imds-unreachable", facts, text, remedy, line }];
  }
  if (/^true$/i.test(env[IMDS_DISABLED] ?? "")) {
    const text = `${IMDS_ENDPOINT} leads to the sidecar, but ${IMDS_DISABLED} forbids the SDKs to use IMDS`;
    const [remedy, line] = ["remove it from this container", `unset ${IMDS_DISABLED}`];
    return [{ severity: "problem", code: "imds-disabled", facts, text, remedy, line }];
  }
  if (answer.kind === "answered" && answer.status === 200) {
    const text = `${IMDS_ENDPOINT} leads to the sidecar, so these are an application's variables`;
    return [{ severity: "ok", code: "application-variables", facts, text }];
  }
  const why = answer.kind === "failed" ? answer.code : `HTTP ${answer.status}`;
  const text = `${IMDS_ENDPOINT} leads to the sidecar, which does not serve IMDS (${why})`;
  const remedy = "let the sidecar serve IMDS, which an auth token turns off by default";
  return [{ severity: "problem", code: "imds-off", facts, text, remedy, line: "SIDECAR_IMDS=v2" }];
}
