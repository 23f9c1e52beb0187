/** Keys in the environment. The SDK's provider is not used: it ignores half a pair, and reads times in `TZ`. Pure. */
import { expirationOf } from "./expiration.ts";
import { UpstreamFailure } from "./failure.ts";
import type { Provided } from "./provided.ts";

const KEY = "AWS_ACCESS_KEY_ID";
const SECRET = "AWS_SECRET_ACCESS_KEY";
const TOKEN = "AWS_SESSION_TOKEN";
/** The old name, which botocore still reads. */
const OLD_TOKEN = "AWS_SECURITY_TOKEN";

type Env = Readonly<Record<string, string | undefined>>;

/** True when any part of a set of keys is there, even wrongly. */
export function areKeysConfigured(env: Env): boolean {
  return [KEY, SECRET, TOKEN, OLD_TOKEN].some((name) => Boolean(env[name]));
}

/** Throws an `UpstreamFailure` (`not-configured`) when a part is missing. */
export function environmentKeys(env: Env): Provided {
  const missing = [KEY, SECRET].filter((name) => !env[name]);
  if (missing.length > 0)
    throw new UpstreamFailure("not-configured", `${missing.join(" and ")} must be set`, {
      subject: { variable: missing.join(" and ") },
    });
  return {
    answer: {
      accessKeyId: env[KEY],
      secretAccessKey: env[SECRET],
      sessionToken: env[TOKEN] || env[OLD_TOKEN] || undefined,
      expiration: expirationOf(env.AWS_CREDENTIAL_EXPIRATION || undefined),
      accountId: env.AWS_ACCOUNT_ID || undefined,
    },
    mayLast: true,
  };
}
