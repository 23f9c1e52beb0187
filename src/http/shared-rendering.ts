import { isRecent } from "../time.ts";

/** So many renderings in each window of time are made for those who ask; a rendering takes about a millisecond. */
const FRESH_PER_WINDOW = 10;
const WINDOW_MS = 250;

/**
 * Renders for those who ask, but once for all who ask in one turn of the event loop, and at most 40 times a second. Only a
 * flood gets a rendering from before it asked, of a quarter of a second ago at most. `now` is the wall clock in ms.
 */
export function sharedRendering<T>(render: () => T, now: () => number): () => T {
  let latest: { readonly value: T; isOfThisTurn: boolean } | undefined;
  let windowBeganAt: number | undefined;
  let left = 0;
  return () => {
    const at = now();
    if (!isRecent(windowBeganAt, at, WINDOW_MS)) {
      windowBeganAt = at;
      left = FRESH_PER_WINDOW;
    }
    if (latest !== undefined && (latest.isOfThisTurn || left === 0)) return latest.value;
    const rendering = { value: render(), isOfThisTurn: true };
    left -= 1;
    latest = rendering;
    setImmediate(() => {
      rendering.isOfThisTurn = false;
    });
    return rendering.value;
  };
}
