/** What a credential cache takes over from the process before it. Pure. */
import { honestRemainingMs } from "../policy/reported-expiration.ts";
import { HOUR } from "../time.ts";
import { type ClockReading, type Snapshot, setBackMs, shiftedBack } from "./cached-credentials.ts";

/** No schedule waits longer. */
const LONGEST_WAIT_MS = 6 * HOUR;

/**
 * The snapshot with the time of the next attempt by the wall clock of now, or undefined when it holds nothing that may be
 * served any more. Time has passed by both clocks since, and the wall clock may have been set: the session is as old as the
 * monotonic clock says, if that is more.
 */
export function restored(snapshot: Snapshot, now: ClockReading, marginMs: number): Snapshot | undefined {
  const { cached, since, scheduled, nextRefreshAt } = snapshot;
  if (Math.max(since.monotonicMs, scheduled.monotonicMs) > now.monotonicMs) return undefined;
  const { credentials } = shiftedBack(cached, setBackMs(since, now));
  if (credentials.lifetime.kind !== "until" || honestRemainingMs(credentials, now.wall, marginMs) <= 0)
    return undefined;
  const dueAt = nextRefreshAt - Math.max(0, setBackMs(scheduled, now));
  return { ...snapshot, nextRefreshAt: Math.min(dueAt, now.wall + LONGEST_WAIT_MS, credentials.lifetime.expiration) };
}
