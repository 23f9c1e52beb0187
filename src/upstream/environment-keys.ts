/** Keys in the environment. The SDK's provider is not used: it ignores half a pair, and reads times in `TZ`. Pure. */
import type { Env } from "../edge.ts";
import { expirationOf } from "./expiration.ts";
import { UpstreamFailure } from "./failure.ts";
import type { Provided } from "./provided.ts";

const KEY = "AWS_ACCESS_KEY_ID";
const SECRET = "AWS_SECRET_ACCESS_KEY";
const TOKEN = "AWS_SESSION_TOKEN";
/** The old name, which botocore still reads. */
const OLD_TOKEN = "AWS_SECURITY_TOKEN";
const EXPIRATION = "AWS_CREDENTIAL_EXPIRATION";

/** True when any part of a set of keys is there, even wrongly. */
export function areKeysConfigured(env: Env): boolean {
  return [KEY, SECRET, TOKEN, OLD_TOKEN].some((name) => Boolean(env[name]));
}

/** Throws an `UpstreamFailure`: `not-configured` when a part is missing, `expired` when they say so; `now` in ms. */
export function environmentKeys(env: Env, now: number): Provided {
  const missing = [KEY, SECRET].filter((name) => !env[name]);
  if (missing.length > 0)
    throw new UpstreamFailure("not-configured", `${missing.join(" and ")} must be set`, {
      subject: { variable: missing.join(" and ") },
    });
  const expiration = expirationOf(env[EXPIRATION] || undefined);
  if (expiration !== undefined && expiration.getTime() <= now)
    throw new UpstreamFailure("expired", `${EXPIRATION} has passed`, {
      subject: { variable: EXPIRATION },
      remedy:
        "the session in the environment has ended, and the environment of a running process never changes: " +
        "choose an upstream that can be refreshed (SIDECAR_UPSTREAM, AWS_PROFILE)",
    });
  return {
    answer: {
      accessKeyId: env[KEY],
      secretAccessKey: env[SECRET],
      sessionToken: env[TOKEN] || env[OLD_TOKEN] || undefined,
      expiration,
      accountId: env.AWS_ACCOUNT_ID || undefined,
    },
    mayLast: true,
  };
}
