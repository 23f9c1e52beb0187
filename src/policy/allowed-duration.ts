/**
 * What a role allows a session to last, found by what STS refuses: it never says. Pure; durations in seconds, instants in ms
 * by the monotonic clock. Every role allows an hour, and people give a role whole hours (IAM: `MaxSessionDuration` is 1–12 h).
 */
import { HOUR, MINUTE, SECOND } from "../time.ts";

/** Every role allows sessions of this length, and role chaining allows no longer ones (STS). */
export const SURE_SECONDS = HOUR / SECOND;
const HOUR_SECONDS = HOUR / SECOND;

/** Refused calls in which what a role allows is found, whatever it is. */
const MAX_REFUSALS = 3;

/**
 * One attempt goes on after so many refused calls with what is sure to be allowed, and the search at the next refresh: a
 * fleet that starts makes each call ten thousand times.
 */
const MAX_REFUSALS_IN_ATTEMPT = 2;

/** Somebody may raise a role's limit, so one hour more is tried this often. */
const UPWARD_EVERY_MS = 24 * HOUR;

/** Refusals within this belong to the same attempt. */
const SAME_ATTEMPT_MS = MINUTE;

/** What is known of one role. */
export interface KnownDuration {
  /** The longest that it has allowed; an hour before it has allowed any. */
  readonly allowedSeconds: number;
  /** The shortest that it has refused; undefined when it has refused none. */
  readonly refusedSeconds: number | undefined;
  /** Refused calls of this search. */
  readonly refusals: number;
  /** When the last call was refused. */
  readonly refusedAt: number;
}

export interface DurationInput {
  readonly wantedSeconds: number;
  /** Undefined when nothing is. */
  readonly known: KnownDuration | undefined;
  /** Calls that were refused in this attempt. */
  readonly refusedNow: number;
  readonly now: number;
}

/** What to ask of a role: what is wanted, until that was refused. */
export function durationToAsk({ wantedSeconds, known, refusedNow, now }: DurationInput): number {
  if (known?.refusedSeconds === undefined || wantedSeconds <= known.allowedSeconds) return wantedSeconds;
  const { allowedSeconds, refusedSeconds } = known;
  if (refusedNow >= MAX_REFUSALS_IN_ATTEMPT) return allowedSeconds;
  if (isFound(known)) {
    return now - known.refusedAt < UPWARD_EVERY_MS
      ? allowedSeconds
      : Math.min(wantedSeconds, hourAbove(allowedSeconds));
  }
  const next = allowedSeconds + stepHours(hoursBetween(known), MAX_REFUSALS - known.refusals) * HOUR_SECONDS;
  return Math.min(next, wantedSeconds, refusedSeconds - 1);
}

/** True when no whole hour is left between what the role has allowed and refused, or enough calls were refused. */
export function isFound(known: KnownDuration): boolean {
  return known.refusedSeconds !== undefined && (known.refusals >= MAX_REFUSALS || hoursBetween(known) === 0);
}

/** The role refused this duration, which is more than an hour. */
export function afterRefusal(known: KnownDuration | undefined, seconds: number, now: number): KnownDuration {
  if (known === undefined) {
    return { allowedSeconds: SURE_SECONDS, refusedSeconds: seconds, refusals: 1, refusedAt: now };
  }
  const isSearching = !isFound(known) || now - known.refusedAt < SAME_ATTEMPT_MS;
  // What it has allowed before and refuses now was lowered.
  const allowedSeconds = seconds <= known.allowedSeconds ? SURE_SECONDS : known.allowedSeconds;
  const refusals = isSearching ? Math.min(known.refusals + 1, MAX_REFUSALS) : 1;
  return { allowedSeconds, refusedSeconds: seconds, refusals, refusedAt: now };
}

/** The role allowed this duration. Where it has refused it before, its limit was raised, and the search begins anew. */
export function afterAnswer(known: KnownDuration | undefined, seconds: number): KnownDuration {
  const before = known ?? { allowedSeconds: SURE_SECONDS, refusedSeconds: undefined, refusals: 0, refusedAt: 0 };
  const allowedSeconds = Math.max(before.allowedSeconds, seconds);
  const wasRaised = isFound(before)
    ? seconds > before.allowedSeconds
    : seconds >= (before.refusedSeconds ?? Number.POSITIVE_INFINITY);
  return wasRaised
    ? { ...before, allowedSeconds, refusedSeconds: undefined, refusals: 0 }
    : { ...before, allowedSeconds };
}

/** Whole hours that may yet be allowed. */
function hoursBetween({ allowedSeconds, refusedSeconds = allowedSeconds }: KnownDuration): number {
  return Math.max(0, Math.ceil((refusedSeconds - allowedSeconds) / HOUR_SECONDS) - 1);
}

/**
 * How many hours above what is allowed to ask next, with so many refusals left. An answer costs nothing, for its session is
 * used. With one refusal left: the next hour. With two, a step after whose refusal the hours below it can be asked one by
 * one; each answer makes the next step one hour smaller, so that `step * (step + 1) / 2` hours are covered.
 */
function stepHours(hours: number, refusalsLeft: number): number {
  if (refusalsLeft < 2) return 1;
  let step = 1;
  while ((step * (step + 1)) / 2 < hours) step += 1;
  return step;
}

function hourAbove(seconds: number): number {
  return (Math.floor(seconds / HOUR_SECONDS) + 1) * HOUR_SECONDS;
}
