/** What a client is told about the end of its credentials. Pure; all times in ms by the wall clock. */
import type { Credentials } from "../credentials.ts";
import { floorToSecond, MINUTE, SECOND } from "../time.ts";
import type { Windows } from "./clients.ts";

/** A client within this of its `asks` would be back within a minute, so it is padded already. */
const PADDING_LEAD = MINUTE;

/**
 * Static keys are reported with an expiration that slides ahead in steps, so that no client ever comes near it and
 * an answer is rendered once a step: 60 to 65 minutes, beyond every threshold in the table.
 */
const SLIDING_LIFETIME = 65 * MINUTE;
const SLIDING_STEP = 5 * MINUTE;

/** How the sidecar reports; from `SIDECAR_EXPIRATION_MARGIN` and `SIDECAR_PADDING`. */
export interface ReportingPolicy {
  /** How much earlier than the real expiration an honest report is, in ms. */
  readonly marginMs: number;
  readonly padding: boolean;
}

/** `thresholds` are undefined for a client that nobody named: it gets the honest report. */
export interface ReportInput {
  readonly credentials: Credentials;
  readonly now: number;
  readonly windows: Windows | undefined;
  readonly policy: ReportingPolicy;
}

/** The real expiration less the margin: the last moment at which these credentials are served. */
export function honestExpiration(credentials: Credentials, now: number, marginMs: number): number {
  if (credentials.lifetime.kind === "unlimited") {
    return Math.floor(now / SLIDING_STEP) * SLIDING_STEP + SLIDING_LIFETIME;
  }
  return floorToSecond(credentials.lifetime.expiration - marginMs);
}

/** Honest lifetime left in ms; zero or less means that there is nothing to serve. */
export function honestRemainingMs(credentials: Credentials, now: number, marginMs: number): number {
  return honestExpiration(credentials, now, marginMs) - now;
}

/**
 * The expiration to report to one client, or undefined when there is nothing left to serve.
 *
 * Padding adds what the client insists on, and only when its honest remaining lifetime is below what the client asks
 * for (or within a minute of it). Such a client reads before it signs from a margin before the real expiration on, so
 * as long as the sidecar has something to give, padded is as safe as honest.
 */
export function reportedExpiration({ credentials, now, windows, policy }: ReportInput): number | undefined {
  const honest = honestExpiration(credentials, now, policy.marginMs);
  const remaining = honest - now;
  if (remaining <= 0) return undefined;
  if (!policy.padding || windows === undefined || credentials.lifetime.kind === "unlimited") return honest;
  if (remaining > windows.advisorySeconds * SECOND + PADDING_LEAD) return honest;
  return honest + windows.mandatorySeconds * SECOND;
}
