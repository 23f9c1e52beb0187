/** Variables of this environment that do something else than their author thinks. Pure. */
import { readAwsVariables } from "../../settings/aws-variables.ts";
import { waysBack } from "../../settings/crosscheck.ts";
import type { Settings } from "../../settings/table.ts";
import type { Finding, Severity, VariableFinding } from "./finding.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was found at the path that a variable names; never what is in it. */
export interface TokenFile {
  readonly variable: string;
  readonly path: string;
  readonly state:
    | { readonly kind: "clean" }
    | { readonly kind: "newline" }
    | { readonly kind: "unreadable"; readonly error: string };
}

export interface VariableInput {
  readonly env: Env;
  readonly settings: Settings;
  /** Whether a sidecar of this pod answers. */
  readonly running: boolean;
  readonly tokenFiles: readonly TokenFile[];
}

const FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE_URI = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE";

/**
 * In an application's environment every trap is wrong, for the application falls into it. In the sidecar's own most
 * are only doubtful: whether upstream gives credentials all the same, it is asked.
 */
export function variableFindings(input: VariableInput): readonly Finding[] {
  const application = isApplications(input);
  const severity: Severity = application ? "wrong" : "advice";
  return [
    ...(application ? [{ severity: "ok", code: "application-variables", variable: FULL_URI } as const] : []),
    ...leadsBack(input).map((finding) => ({ severity: "wrong", ...finding }) as const),
    ...[...shadowed(input), ...spelling(input), ...proxied(input)].map((finding) => ({ severity, ...finding })),
    ...tokens(input).map((finding) => ({ severity: "wrong", ...finding }) as const),
  ];
}

/** Whether these variables lead to the running sidecar, as an application's do, and the sidecar's own must not. */
function isApplications({ env, running }: VariableInput): boolean {
  return running && sidecarUri(env) !== undefined;
}

/** The container URI of this environment, when it has the form of a sidecar's. */
function sidecarUri(env: Env): URL | undefined {
  const uri = URL.parse(env[FULL_URI] ?? "");
  return uri !== null && /^\/v1\/(?:for\/[^/]+\/)?credentials(?:\/|$)/.test(uri.pathname) ? uri : undefined;
}

function leadsBack({ env, settings, running }: VariableInput): readonly VariableFinding[] {
  if (running) return [];
  return waysBack(settings, readAwsVariables(env)).map(({ name, address }) => ({
    code: "uri-leads-back",
    variable: name,
    address,
    ...(name in env ? { line: `unset ${name}` } : {}),
  }));
}

const KEYS = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN";

/** Every SDK's chain takes keys from the environment first, then a web identity token, then the container's URI. */
function shadowed(input: VariableInput): readonly VariableFinding[] {
  const { env, settings } = input;
  const chain = isApplications(input) || settings.upstream === "auto" || settings.upstream === "assume-role";
  const [meant] = [FULL_URI, RELATIVE_URI, WEB_IDENTITY].filter((name) => env[name]);
  const found: VariableFinding[] = [];
  if (chain && meant !== undefined && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    found.push({ code: "keys-shadow-uri", shadowed: meant, line: KEYS });
  }
  if (chain && env[FULL_URI] && env[WEB_IDENTITY] && env.AWS_ROLE_ARN) {
    found.push({ code: "web-identity-wins", line: `unset ${WEB_IDENTITY}` });
  }
  if ((chain || settings.upstream === "container") && env[FULL_URI] && env[RELATIVE_URI]) {
    found.push({ code: "relative-uri-wins", line: `unset ${RELATIVE_URI}` });
  }
  return found;
}

function spelling({ env }: VariableInput): readonly VariableFinding[] {
  const uri = sidecarUri(env);
  if (uri?.hostname !== "localhost") return [];
  const port = uri.port === "" ? "" : `:${uri.port}`;
  return [{ code: "localhost-in-uri", line: `${FULL_URI}=${uri.protocol}//127.0.0.1${port}${uri.pathname}` }];
}

/** Which of these a client looks at differs, so one is enough. `HTTPS_PROXY` is not for the sidecar, which speaks HTTP. */
const PROXIES: readonly string[] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

function proxied({ env }: VariableInput): readonly VariableFinding[] {
  const variable = PROXIES.find((name) => env[name]);
  if (variable === undefined) return [];
  const host = sidecarUri(env)?.hostname.replace(/^localhost$/, "127.0.0.1") ?? "127.0.0.1";
  // Where both spellings are set, clients do not agree on which of them counts.
  const given = ["NO_PROXY", "no_proxy"].filter((name) => env[name]);
  const lacking = given.filter((name) => !names(env[name] ?? "", host));
  const [name] = given.length === 0 ? ["NO_PROXY"] : lacking;
  if (name === undefined) return [];
  return [{ code: "proxied", variable, host, line: `${name}=${[...(env[name] ? [env[name]] : []), host].join(",")}` }];
}

/** Only the exact address: that a range such as 127.0.0.0/8 counts is known to a few clients only. */
function names(noProxy: string, host: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry === "*" || entry.replace(/:\d+$/, "") === host);
}

/** Most clients send a token as it is, and a line break in a header is refused by themselves or by whom they ask. */
function tokens({ env, tokenFiles }: VariableInput): readonly VariableFinding[] {
  const found = tokenFiles.flatMap(({ variable, path, state }): readonly VariableFinding[] => {
    if (state.kind === "clean") return [];
    if (state.kind === "unreadable") return [{ code: "token-file-unreadable", variable, path, error: state.error }];
    return [{ code: "token-newline", variable, path, line: `printf %s "$TOKEN" > ${path}` }];
  });
  if (!/[\r\n]/.test(env[TOKEN] ?? "")) return found;
  return [...found, { code: "token-newline", variable: TOKEN, line: `${TOKEN}="$(printf %s "$${TOKEN}")"` }];
}
