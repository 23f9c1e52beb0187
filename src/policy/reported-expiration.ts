/** Decides the expiration that each client is reported. Pure; instants are in ms by the wall clock. */
import type { Credentials, Lifetime } from "../credentials.ts";
import { floorToSecond, MINUTE, SECOND } from "../time.ts";
import type { Windows } from "./clients.ts";

/** A client within this of its advisory window would be back within a minute, so it is padded already. */
const PADDING_LEAD_MS = MINUTE;

interface Sliding {
  readonly atLeastMs: number;
  readonly stepMs: number;
}

/**
 * Where upstream names no end, the reported expiration slides ahead in steps, so that no client ever comes near it and an
 * answer is rendered once a step.
 *
 * Static keys: 60 to 65 minutes, beyond every window in the client table.
 *
 * A session whose end is unknown may have ended, and its successor is cached within a minute, so no client should use it
 * for long without reading again. Six minutes is the shortest that leaves the many clients with a window of five minutes,
 * and padded ones with a mandatory window five minutes below their advisory one (botocore), a minute between two reads.
 */
const SLIDING: Readonly<Record<Exclude<Lifetime["kind"], "until">, Sliding>> = {
  unlimited: { atLeastMs: 60 * MINUTE, stepMs: 5 * MINUTE },
  unknown: { atLeastMs: 6 * MINUTE, stepMs: 10 * SECOND },
};

/** How expirations are reported; from `SIDECAR_EXPIRATION_MARGIN` and `SIDECAR_PADDING`. */
export interface ReportingPolicy {
  /** How much earlier than the real expiration an honest report is. */
  readonly marginMs: number;
  readonly padding: boolean;
}

/** `windows` is undefined for an unrecognised client, which gets the honest expiration. */
export interface ReportInput {
  readonly credentials: Credentials;
  readonly now: number;
  readonly windows: Windows | undefined;
  readonly policy: ReportingPolicy;
}

/** The real expiration less the margin: the last moment at which these credentials are served. */
export function honestExpiration({ lifetime }: Credentials, now: number, marginMs: number): number {
  if (lifetime.kind === "until") return floorToSecond(lifetime.expiration - marginMs);
  const { atLeastMs, stepMs } = SLIDING[lifetime.kind];
  return Math.floor(now / stepMs) * stepMs + stepMs + atLeastMs;
}

/** Honest lifetime left; zero or less means that there is nothing to serve. */
export function honestRemainingMs(credentials: Credentials, now: number, marginMs: number): number {
  return honestExpiration(credentials, now, marginMs) - now;
}

/**
 * The expiration to report to one client, or undefined when there is nothing left to serve.
 *
 * Padding adds the client's mandatory window, and only when its honest remaining lifetime is inside its advisory window or
 * within a minute of it. Such a client reads before it signs from a margin before the real expiration on, so as long as
 * the sidecar has something to serve, padded is as safe as honest.
 */
export function reportedExpiration({ credentials, now, windows, policy }: ReportInput): number | undefined {
  const honest = honestExpiration(credentials, now, policy.marginMs);
  const remainingMs = honest - now;
  if (remainingMs <= 0) return undefined;
  if (!policy.padding || windows === undefined) return honest;
  if (remainingMs > windows.advisorySeconds * SECOND + PADDING_LEAD_MS) return honest;
  return honest + windows.mandatorySeconds * SECOND;
}
