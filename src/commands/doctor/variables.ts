/** Variables of this environment that do not do what their author probably expects. Pure. */
import type { Env } from "../../edge.ts";
import type { AwsVariables } from "../../settings/aws-variables.ts";
import { PROXIES, withNoProxy } from "../../settings/no-proxy.ts";
import type { ProfileSource } from "../../settings/self-reference.ts";
import type { Settings } from "../../settings/table.ts";
import { FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE, WEB_IDENTITY } from "../../settings/variable-names.ts";
import type { Finding, Severity } from "./finding.ts";
import { leadsBack, profileLeadsBack } from "./self-reference.ts";

export interface VariableInput {
  readonly env: Env;
  readonly aws: AwsVariables;
  readonly settings: Settings;
  /** `application`: the variables lead to the running sidecar. `running`: they do not. `own`: no sidecar is running. */
  readonly whose: "application" | "running" | "own";
  /** Of the profiles that are in use. */
  readonly profileSources: readonly ProfileSource[];
}

/**
 * In an application's environment each of these is a problem. In the sidecar's own some are only advice, for doctor asks
 * upstream and shows what it gives.
 */
export function variableFindings(input: VariableInput): readonly Finding[] {
  const found = [
    leadsBack,
    profileLeadsBack,
    keysShadow,
    profileWins,
    webIdentityWins,
    relativeWins,
    localhost,
    proxied,
    misspelt,
  ];
  return found.flatMap((find) => find(input));
}

function severityOf({ whose }: VariableInput): Severity {
  return whose === "application" ? "problem" : "advice";
}

/** True when an SDK's chain of providers decides here, rather than an upstream that the settings name. */
function isChain({ whose, settings: { upstream } }: VariableInput): boolean {
  return whose === "application" || (whose === "own" && (upstream === "auto" || upstream === "assume-role"));
}

/** Every SDK's chain takes keys from the environment first, then a web identity token, then the container's URI. */
function keysShadow(input: VariableInput): readonly Finding[] {
  const { env, whose } = input;
  const [shadowed] = [FULL_URI, RELATIVE_URI, WEB_IDENTITY].filter((name) => env[name]);
  if (!isChain(input) || shadowed === undefined || !env.AWS_ACCESS_KEY_ID || !env.AWS_SECRET_ACCESS_KEY) return [];
  const orMean = whose === "own" ? ", or set SIDECAR_UPSTREAM=environment if the keys are the ones that you mean" : "";
  return [
    {
      severity: "problem",
      code: "keys-shadow-uri",
      facts: { shadowed },
      text: `AWS_ACCESS_KEY_ID is set: the SDKs take those keys and never look at ${shadowed}`,
      remedy: `remove the keys from this container${orMean}`,
      line: "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
    },
  ];
}

/**
 * The SDKs look into the shared files before they ask the container's URI, and botocore fails on a profile that is
 * missing. A profile that takes its credentials from the container's URI means the sidecar.
 */
function profileWins({ aws: { profile }, whose, profileSources }: VariableInput): readonly Finding[] {
  if (whose !== "application" || profile === undefined) return [];
  if (profileSources.some((source) => source.profile === profile.value)) return [];
  return [
    {
      severity: "problem",
      code: "profile-wins",
      facts: { variable: profile.name, profile: profile.value },
      text: `${profile.name} is set (${JSON.stringify(profile.value)}): the SDKs use that profile, or fail if it does not exist, and never ask the sidecar`,
      remedy: "remove it from this container",
      line: `unset ${profile.name}`,
    },
  ];
}

function webIdentityWins(input: VariableInput): readonly Finding[] {
  const { env } = input;
  if (!isChain(input) || !env[FULL_URI] || !env[WEB_IDENTITY] || !env.AWS_ROLE_ARN) return [];
  return [
    {
      severity: severityOf(input),
      code: "web-identity-wins",
      facts: {},
      text: `${WEB_IDENTITY} is set too: the SDKs ask STS themselves and never look at ${FULL_URI}`,
      remedy: "remove it from this container (on EKS: a service account without the role's annotation)",
      line: `unset ${WEB_IDENTITY}`,
    },
  ];
}

function relativeWins(input: VariableInput): readonly Finding[] {
  const { env, settings } = input;
  const read = isChain(input) || (input.whose === "own" && settings.upstream === "container");
  if (!read || !env[FULL_URI] || !env[RELATIVE_URI]) return [];
  return [
    {
      severity: severityOf(input),
      code: "relative-uri-wins",
      facts: {},
      text: `${RELATIVE_URI} is set too: most SDKs prefer it to ${FULL_URI}`,
      remedy: "remove it from this container",
      line: `unset ${RELATIVE_URI}`,
    },
  ];
}

function localhost(input: VariableInput): readonly Finding[] {
  const uri = URL.parse(input.env[FULL_URI] ?? "");
  if (input.whose !== "application" || uri?.hostname !== "localhost") return [];
  const port = uri.port === "" ? "" : `:${uri.port}`;
  return [
    {
      severity: "problem",
      code: "localhost-in-uri",
      facts: {},
      text: `${FULL_URI} says localhost, which Swift, fluent-bit and others refuse`,
      remedy: "write the address",
      line: `${FULL_URI}=${uri.protocol}//127.0.0.1${port}${uri.pathname}`,
    },
  ];
}

function proxied(input: VariableInput): readonly Finding[] {
  const { env, whose } = input;
  const variable = PROXIES.find((name) => env[name]);
  if (variable === undefined) return [];
  const uri = whose === "application" ? URL.parse(env[FULL_URI] ?? "") : null;
  const host = uri?.hostname.replace(/^localhost$/, "127.0.0.1") ?? "127.0.0.1";
  const [line] = Object.entries(withNoProxy(env, host)).map((pair) => pair.join("="));
  if (line === undefined) return [];
  return [
    {
      severity: severityOf(input),
      code: "proxied",
      facts: { variable, host },
      text: `${variable} is set, and NO_PROXY does not name ${host}: clients that honour it ask the proxy for credentials`,
      remedy: "name the sidecar's address in NO_PROXY of the application's container",
      line,
    },
  ];
}

const CONTAINER_VARIABLES: readonly string[] = [FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE];

function misspelt({ env }: VariableInput): readonly Finding[] {
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith("AWS_CONTAINER_") && !CONTAINER_VARIABLES.includes(name),
  );
  return unknown.map((variable) => ({
    severity: "problem",
    code: "misspelt-variable",
    facts: { variable },
    text: `No SDK reads ${variable}`,
    remedy: `the SDKs read ${CONTAINER_VARIABLES.join(", ")}`,
  }));
}
