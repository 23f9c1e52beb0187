/** The sessions of one identity and the reads of one client, by the program's own policy. All times in ms from 0. */
import type { Credentials } from "../../src/credentials.ts";
import type { Windows } from "../../src/policy/clients.ts";
import { type ReportingPolicy, reportedExpiration } from "../../src/policy/reported-expiration.ts";
import { SECOND } from "../../src/time.ts";

export interface Life {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
}

export interface LivesInput {
  /** The lifetime of a session when it is issued. */
  readonly length: number;
  readonly until: number;
  /** When the next session is issued. */
  readonly next: (life: Life) => number;
  /** From then on upstream fails. */
  readonly failsFrom?: number;
}

/** One session after the other. */
export function livesOf({ length, until, next, failsFrom = Number.POSITIVE_INFINITY }: LivesInput): readonly Life[] {
  const lives: Life[] = [];
  for (let at = 0; at < Math.min(until, failsFrom); ) {
    const life = { credentials: session(at + length), obtainedAt: at };
    lives.push(life);
    at = next(life);
  }
  return lives;
}

function session(expiration: number): Credentials {
  return {
    accessKeyId: "ASIAFAKE000000000001",
    secretAccessKey: "fake-secret",
    sessionToken: "fake-token",
    lifetime: { kind: "until", expiration },
    accountId: undefined,
    roleArn: undefined,
  };
}

export interface IdentifiedClient {
  readonly windows: Windows;
  /** Whether the sidecar knows which client it is. */
  readonly named: boolean;
  readonly policy: ReportingPolicy;
}

/** The real lifetime left. */
export function realLeft(lives: readonly Life[], now: number): number {
  const { lifetime } = cachedAt(lives, now).credentials;
  return lifetime.kind === "until" ? lifetime.expiration - now : Number.POSITIVE_INFINITY;
}

/** The expiration that the client would get if it read now; undefined when nothing is left to serve. */
export function reported(
  lives: readonly Life[],
  now: number,
  { windows, named, policy }: IdentifiedClient,
): number | undefined {
  const { credentials } = cachedAt(lives, now);
  return reportedExpiration({ credentials, now, windows: named ? windows : undefined, policy });
}

/** The reads of a client that uses credentials every `every` ms, and reads first when it is inside its advisory window. */
export function readsOf(
  lives: readonly Life[],
  client: IdentifiedClient,
  until: number,
  every: number,
): readonly number[] {
  const reads: number[] = [];
  let expiration = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < until; now += every) {
    if (expiration - now > client.windows.advisorySeconds * SECOND) continue;
    reads.push(now);
    expiration = reported(lives, now, client) ?? expiration;
  }
  return reads;
}

function cachedAt(lives: readonly Life[], now: number): Life {
  const cached = lives.findLast(({ obtainedAt }) => obtainedAt <= now) ?? lives[0];
  if (cached === undefined) throw new Error("upstream issued no session");
  return cached;
}
