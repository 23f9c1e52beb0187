/** The embedded upstream: made-up 15-minute credentials after 80 ms, so that everything can be tried without AWS. */
import type { Credentials } from "../credentials.ts";
import type { Edge } from "../edge.ts";
import { MINUTE } from "../time.ts";
import type { Upstream } from "./upstream.ts";

/** As in the incident: kiam's sessions of 15 min, and the time its two calls took. */
const LIFETIME_MS = 15 * MINUTE;
const ANSWER_MS = 80;

export function createDemoUpstream({ clock, randomBytes }: Edge): Upstream {
  return {
    description: "demo (made-up credentials that AWS does not know)",
    timeoutMs: 15_000,
    givenFor: "demo",
    askedFor: async () => "demo",
    async fetch(): Promise<Credentials> {
      await new Promise<void>((resolve) => clock.setTimer(ANSWER_MS, resolve));
      return {
        accessKeyId: `ASIADEMO${randomBytes(6).toString("hex").toUpperCase()}`,
        secretAccessKey: `demo-not-a-secret-${randomBytes(11).toString("hex")}`,
        sessionToken: `demo-not-a-token-${randomBytes(48).toString("hex")}`,
        lifetime: { kind: "until", expiration: clock.now() + LIFETIME_MS },
        accountId: "123456789012",
        roleArn: "arn:aws:iam::123456789012:role/demo",
      };
    },
  };
}
