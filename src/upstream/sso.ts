/**
 * AWS IAM Identity Center (SSO) and `aws login`. Their cached logins are read here, bounded, and their times never in
 * `TZ`. A login is refreshed by the SDK, and only where the result can be written back: a refresh token may be good for one use,
 * and using it up from a read-only `~/.aws` would break the developer's own login.
 */

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../edge.ts";
import { parseTime } from "./expiration.ts";
import { type FailureDetails, UpstreamFailure } from "./failure.ts";
import { readTextFile } from "./files.ts";
import type { Provided } from "./provided.ts";
import type { ClientConfig, SdkProviders } from "./sdk-providers.ts";
import { homeDirectory } from "./shared-files.ts";
import type { LoginPlan, SsoPlan } from "./sso-plan.ts";

/** The SDK refreshes a login that has less than this left, in ms (EXPIRE_WINDOW_MS, REFRESH_THRESHOLD). */
const REFRESH_WINDOW_MS = 300_000;

export interface LoginInput {
  readonly env: Env;
  readonly now: number;
  readonly sdk: SdkProviders;
  readonly clientConfig: ClientConfig;
}

export async function fetchSso(plan: SsoPlan, { env, now, sdk, clientConfig }: LoginInput): Promise<Provided> {
  const key = plan.session ?? plan.startUrl;
  const path = join(awsDirectory(env), "sso", "cache", `${hash("sha1", key)}.json`);
  const command = `aws sso login --profile ${plan.profile}`;
  const login = await readLogin(path, `the SSO login of the profile ${JSON.stringify(plan.profile)}`, command);
  const remaining = expiryOf(login.expiresAt, path) - now;
  const refreshable = plan.session !== undefined && Boolean(login.refreshToken) && (await isWritable(path));
  if (remaining <= 0 && !refreshable)
    throw ended(`the SSO login of the profile ${JSON.stringify(plan.profile)}`, command);
  const provider = sdk.fromSSO({
    clientConfig,
    ssoAccountId: plan.accountId,
    ssoRoleName: plan.roleName,
    ssoRegion: plan.region,
    // The SDK finds a login by this alone when no session is named, and then leaves it as it is.
    ssoStartUrl: key,
    profile: plan.profile,
    ...(remaining <= REFRESH_WINDOW_MS && refreshable && { ssoSession: plan.session, ssoStartUrl: plan.startUrl }),
  });
  return { answer: { ...(await provider()), roleName: plan.roleName }, mayLast: false };
}

export async function fetchLogin(plan: LoginPlan, { env, now, sdk, clientConfig }: LoginInput): Promise<Provided> {
  const directory = env.AWS_LOGIN_CACHE_DIRECTORY || join(awsDirectory(env), "login", "cache");
  const path = join(directory, `${hash("sha256", plan.session)}.json`);
  const command = `aws login --profile ${plan.profile}`;
  const { accessToken } = await readLogin(path, `the login of the profile ${JSON.stringify(plan.profile)}`, command);
  if (typeof accessToken !== "object" || accessToken === null) throw unreadable(path);
  const { expiresAt, accessKeyId, secretAccessKey, sessionToken, accountId } = accessToken as Record<string, unknown>;
  const expiration = expiryOf(expiresAt, path);
  if (expiration - now <= REFRESH_WINDOW_MS && (await isWritable(path))) {
    return { answer: await sdk.fromLoginCredentials({ profile: plan.profile, clientConfig })(), mayLast: false };
  }
  if (expiration <= now) throw ended(`the login of the profile ${JSON.stringify(plan.profile)}`, command);
  return {
    answer: { accessKeyId, secretAccessKey, sessionToken, accountId, expiration: new Date(expiration) },
    mayLast: false,
  };
}

function awsDirectory(env: LoginInput["env"]): string {
  const home = homeDirectory(env);
  if (home === undefined)
    throw new UpstreamFailure("not-configured", "HOME is not set, so that no cached login can be found", {
      subject: { variable: "HOME" },
    });
  return join(home, ".aws");
}

function hash(algorithm: "sha1" | "sha256", text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

async function readLogin(path: string, what: string, command: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readTextFile(path, what).catch((thrown: unknown) => {
    if (!(thrown instanceof UpstreamFailure) || thrown.upstreamCode !== "ENOENT") throw thrown;
    throw new UpstreamFailure("not-configured", `${what} was not found; run: ${command}`, again(command));
  });
  try {
    const login: unknown = JSON.parse(text);
    if (typeof login === "object" && login !== null) return login as Record<string, unknown>;
  } catch {
    // The failure below does not repeat the text, which may hold a secret.
  }
  throw unreadable(path);
}

function expiryOf(stated: unknown, path: string): number {
  // The SDK would read a time without a zone in `TZ`, and the CLI writes none.
  const expiry = typeof stated === "string" && /(?:Z|UTC|[+-]\d\d:\d\d)$/i.test(stated) ? parseTime(stated) : undefined;
  if (expiry === undefined) throw unreadable(path);
  return expiry;
}

async function isWritable(path: string): Promise<boolean> {
  return await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function unreadable(path: string): UpstreamFailure {
  return new UpstreamFailure("not-configured", `${path} is not a cached login`, { subject: { path } });
}

function ended(what: string, command: string): UpstreamFailure {
  const message = `${what} has expired, and the sidecar cannot refresh it; run: ${command}`;
  return new UpstreamFailure("not-configured", message, again(command));
}

/** A name that a shell would read as something else is not offered to be pasted. */
function again(command: string): FailureDetails {
  return { remedy: `run: ${command}`, step: /^[\w.@ -]+$/.test(command) ? { command } : {} };
}
