/** What becomes of an attempt: is the answer taken, and when is the next try. Pure; times in ms by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { type Outage, type Random, renewAt, retryDelay, retryUnchangedAt } from "../lifetime/renewal.ts";
import { honestRemaining } from "../lifetime/reported.ts";
import { isFinal, UpstreamFailure } from "../upstream/failure.ts";

/** Credentials as they are held. Immutable: a renewal swaps the whole. */
export interface Held {
  readonly credentials: Credentials;
  readonly obtainedAt: number;
  /** Counts the swaps; equal generations are equal answers. */
  readonly generation: number;
}

/** How an attempt ended. `unchanged` and `shorter` are answers that leave what is held. */
export type Outcome =
  | { readonly kind: "renewed"; readonly held: Held }
  | { readonly kind: "unchanged"; readonly held: Held }
  | { readonly kind: "shorter"; readonly held: Held }
  | { readonly kind: "failed"; readonly failure: UpstreamFailure };

/** Whether an answer replaces what is held: nothing worse ever does. */
export function judge(credentials: Credentials, held: Held | undefined, now: number, margin: number): Outcome {
  if (honestRemaining(credentials, now, margin) <= 0) {
    const message = "upstream gave credentials whose lifetime is over, or this clock is ahead";
    return { kind: "failed", failure: new UpstreamFailure("expired", message) };
  }
  if (held !== undefined && isSame(credentials, held.credentials)) return { kind: "unchanged", held };
  if (held !== undefined && isShorter(credentials, held.credentials)) return { kind: "shorter", held };
  return { kind: "renewed", held: { credentials, obtainedAt: now, generation: (held?.generation ?? 0) + 1 } };
}

export interface ScheduleInput {
  readonly outcome: Outcome;
  /** What is held after the attempt. */
  readonly held: Held | undefined;
  /** Failures since the last success, this one included. */
  readonly failures: number;
  readonly now: number;
  /** In ms. */
  readonly floor: number;
  readonly margin: number;
  readonly random: Random;
}

/** When upstream is asked next. */
export function nextTryAt(input: ScheduleInput): number {
  const { outcome, now, floor, random } = input;
  switch (outcome.kind) {
    case "renewed":
      return renewAt({ ...outcome.held, floor, random });
    case "unchanged":
    case "shorter":
      return retryUnchangedAt(now, outcome.held.credentials);
    case "failed":
      return now + retryDelay(outageOf(input, outcome.failure), random);
  }
}

function outageOf({ held, failures, now, margin }: ScheduleInput, failure: UpstreamFailure): Outage {
  const remaining = held === undefined ? 0 : honestRemaining(held.credentials, now, margin);
  if (held !== undefined && remaining > 0) {
    return { kind: "warm", remaining, length: expirationOf(held.credentials) - held.obtainedAt };
  }
  if (isFinal(failure)) return { kind: "final", failures, expired: held !== undefined };
  return held === undefined ? { kind: "cold", failures } : { kind: "expired" };
}

/** The secret too: a mistyped static key is corrected under the same access key ID. */
function isSame(a: Credentials, b: Credentials): boolean {
  return (
    a.accessKeyId === b.accessKeyId &&
    a.secretAccessKey === b.secretAccessKey &&
    a.sessionToken === b.sessionToken &&
    expirationOf(a) === expirationOf(b)
  );
}

/** Static keys that became temporary ones, or the reverse, are another set-up, not a worse answer. */
function isShorter(given: Credentials, held: Credentials): boolean {
  if (given.lifetime.kind !== "until" || held.lifetime.kind !== "until") return false;
  return given.lifetime.expiration < held.lifetime.expiration;
}

function expirationOf({ lifetime }: Credentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}
