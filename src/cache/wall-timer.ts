import type { Clock } from "../edge.ts";
import { MINUTE } from "../time.ts";

/** A timer is late after a suspend and ignores a clock that is set, so a long one looks at the wall clock this often. */
const LOOK_EVERY_MS = MINUTE;

/** Calls `fire` once when `delayMs` have passed by the timers or by the wall clock, whichever is first. The result cancels it. */
export function setWallTimer(clock: Clock, delayMs: number, fire: () => void): () => void {
  const endsAt = clock.now() + delayMs;
  let cancel = () => {};
  const arm = (leftMs: number) => {
    const stepMs = Math.min(Math.max(0, leftMs), LOOK_EVERY_MS);
    cancel = clock.setTimer(stepMs, () => {
      if (leftMs <= stepMs || clock.now() >= endsAt) fire();
      else arm(leftMs - stepMs);
    });
  };
  arm(delayMs);
  return () => cancel();
}
