/**
 * EC2's instance metadata. It follows the rules of the SDKs' providers, but does not use the JavaScript SDK's, which drops the code of a
 * refusal and the role's name, moves expirations ahead when IMDS lags, and reads answers without a bound.
 */
import type { Env } from "../edge.ts";
import { readDocument, statusError } from "./document.ts";
import { UpstreamFailure } from "./failure.ts";
import { type Section, textOf } from "./ini.ts";
import { nearbyRequest } from "./nearby-request.ts";
import type { Provided } from "./provided.ts";

const ADDRESSES: Readonly<Record<string, string>> = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };
const TOKEN_PATH = "latest/api/token";
const ROLES_PATH = "latest/meta-data/iam/security-credentials/";
/** The longest session that IMDS gives, which every SDK asks for. */
const SESSION_SECONDS = "21600";

/** What the shared files may say besides the variables. */
export interface ImdsInput {
  readonly env: Env;
  readonly profile: Section | undefined;
  readonly signal: AbortSignal;
}

export async function fetchImds(input: ImdsInput): Promise<Provided> {
  const { signal } = input;
  const base = endpoint(input);
  const session = await openSession(base, input);
  const headers: Readonly<Record<string, string>> =
    session === undefined ? {} : { "x-aws-ec2-metadata-token": session };
  const get = (path: string) => nearbyRequest({ url: new URL(path, base), headers, signal });
  const roles = await get(ROLES_PATH);
  if (roles.status !== 200) throw statusError(roles);
  const [role = ""] = roles.body.trim().split(/\s/);
  if (!/^[\w+=,.@-]{1,64}$/.test(role)) throw new UpstreamFailure("malformed", "IMDS named no role");
  const provided = readDocument(await get(`${ROLES_PATH}${role}`));
  return { ...provided, answer: { ...provided.answer, roleName: role } };
}

function endpoint({ env, profile }: ImdsInput): URL {
  const mode = env.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE || textOf(profile, "ec2_metadata_service_endpoint_mode");
  const text =
    env.AWS_EC2_METADATA_SERVICE_ENDPOINT ||
    textOf(profile, "ec2_metadata_service_endpoint") ||
    ADDRESSES[(mode || "ipv4").toLowerCase()];
  if (text === undefined) {
    throw new UpstreamFailure("not-configured", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6", {
      subject: { variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" },
    });
  }
  const url = URL.parse(text.endsWith("/") ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UpstreamFailure("not-configured", "AWS_EC2_METADATA_SERVICE_ENDPOINT is not an http or https URL", {
      subject: { variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT" },
    });
  }
  return url;
}

/**
 * A session of IMDSv2, or undefined where there is none and version 1 is allowed. As the SDKs do, anything but a 400
 * leads on to version 1: a hop limit of 1 swallows the answer to PUT only, and old proxies reset or refuse it.
 */
async function openSession(base: URL, { env, profile, signal }: ImdsInput): Promise<string | undefined> {
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": SESSION_SECONDS };
  const asked = nearbyRequest({ method: "PUT", url: new URL(TOKEN_PATH, base), headers, signal });
  const answer = await asked.catch((thrown: unknown) => {
    if (signal.aborted || isV1Disabled(env, profile)) throw thrown;
    return undefined;
  });
  if (answer?.status === 400) throw statusError(answer);
  if (answer?.status === 200) {
    if (/^[\x21-\x7e]+$/.test(answer.body)) return answer.body;
    throw new UpstreamFailure("malformed", "IMDS gave no usable session token");
  }
  if (isV1Disabled(env, profile)) {
    throw new UpstreamFailure(
      "unreachable",
      "IMDS gave no session, and version 1 is disabled (AWS_EC2_METADATA_V1_DISABLED)",
    );
  }
  return undefined;
}

function isV1Disabled(env: Env, profile: Section | undefined): boolean {
  const value = env.AWS_EC2_METADATA_V1_DISABLED ?? textOf(profile, "ec2_metadata_v1_disabled") ?? "";
  return value !== "" && value.toLowerCase() !== "false";
}
