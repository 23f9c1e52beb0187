/** What doctor says of an access key. Pure. */
import type { Credentials, Lifetime } from "../../credentials.ts";
import { formatTime } from "../../time.ts";
import type { Finding } from "./finding.ts";

/** IAM reference, unique identifiers: `AKIA` for long-term keys, `ASIA` for sessions. */
const AWS_KEY = /^A[KS]IA/;

/** Emulators and other services that speak S3 take keys of any form; AWS knows none but its own. */
export function foreignKeyFindings(identity: string, { accessKeyId }: Credentials): readonly Finding[] {
  if (AWS_KEY.test(accessKeyId)) return [];
  return [
    {
      severity: "advice",
      code: "key-of-another-issuer",
      facts: { identity },
      text: `${identity}: the access key ID has not the form of AWS's (AKIA…, ASIA…), so AWS will refuse it`,
      remedy:
        "use it with an emulator or another service that speaks S3 only; for AWS, correct AWS_ACCESS_KEY_ID or the profile",
    },
  ];
}

interface Key {
  readonly roleArn: string | undefined;
  readonly accountId: string | undefined;
  readonly accessKeyIdEnding: string;
  readonly lifetime: Lifetime;
}

/** Describes the owner of the credentials and when they expire. */
export function describeKey({ roleArn, accountId, accessKeyIdEnding, lifetime }: Key): string {
  const whose = roleArn ?? (accountId === undefined ? "role not known" : `account ${accountId}`);
  const until = lifetime.kind === "until" ? `expires ${formatTime(lifetime.expiration)}` : endless[lifetime.kind];
  return `${whose}, key …${accessKeyIdEnding}, ${until}`;
}

export const endless = {
  unlimited: "static keys, which do not expire",
  unknown: "a session whose end is unknown",
} as const;
