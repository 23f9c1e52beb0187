/**
 * The container credentials protocol of ECS and EKS Pod Identity. It follows the rules of the SDKs' providers, but does
 * not use the JavaScript SDK's, which drops `AccountId` and `RoleArn`, refuses offsets in times, and reads answers without a bound.
 */

import type { Env } from "../edge.ts";
import { readDocument } from "./document.ts";
import { UpstreamFailure } from "./failure.ts";
import { readTextFile } from "./files.ts";
import { nearbyRequest } from "./nearby-request.ts";
import type { Provided } from "./provided.ts";

/** Where ECS answers a relative URI. */
const ECS = "http://169.254.170.2";
/** The hosts of ECS and of EKS Pod Identity, which need no https (SDKs and Tools reference, container provider). */
const AGENT_HOSTS: readonly string[] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
const LOOPBACK = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;

const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/** True when anything of the container protocol is configured, even wrongly. */
export function isContainerConfigured(env: Env): boolean {
  return [FULL, RELATIVE, TOKEN, TOKEN_FILE].some((name) => Boolean(env[name]));
}

export async function fetchContainer(env: Env, signal: AbortSignal, ca?: string): Promise<Provided> {
  const url = endpoint(env);
  const authorization = await token(env);
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return readDocument(await nearbyRequest({ url, headers, signal, ca }));
}

function endpoint(env: Env): URL {
  const { [RELATIVE]: relative, [FULL]: full } = env;
  if (!relative && !full)
    throw new UpstreamFailure("not-configured", `neither ${FULL} nor ${RELATIVE} is set`, {
      subject: { variable: FULL },
    });
  const [name, text] = relative ? [RELATIVE, `${ECS}${relative}`] : [FULL, full ?? ""];
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UpstreamFailure("not-configured", `${name} is not an http or https URL`, { subject: { variable: name } });
  }
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname) && !AGENT_HOSTS.includes(url.hostname)) {
    throw new UpstreamFailure(
      "not-configured",
      `${name} must be https, or lead to a loopback address or to ECS's or EKS Pod Identity's address`,
      { subject: { variable: name } },
    );
  }
  return url;
}

async function token(env: Env): Promise<string | undefined> {
  const { [TOKEN_FILE]: path, [TOKEN]: text } = env;
  const value = path ? await readTextFile(path, TOKEN_FILE) : text;
  if (!value) return undefined;
  // The SDKs refuse a line break rather than trim it; Node would throw what it could not send, with its value.
  if (!/^[\t\x20-\x7e]+$/.test(value)) {
    throw new UpstreamFailure(
      "not-configured",
      `the token of ${path ? TOKEN_FILE : TOKEN} is not one line of printable ASCII`,
      { subject: { path, variable: path ? TOKEN_FILE : TOKEN } },
    );
  }
  return value;
}
