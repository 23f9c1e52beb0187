/** The time axis that an identity and its clients share. Pure; times in ms since the epoch. */

export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

/** From when credentials were obtained to the last reported expiration. */
export function axisOf(now: number, times: readonly number[]): Axis {
  const from = Math.min(now, ...times);
  return { from, to: Math.max(now, from + 1, ...times), now };
}

/** Where a time is, as SVG's `x`; a time off the axis is at its end. */
export function at({ from, to }: Axis, time: number): string {
  return percent(share(from, to, time));
}

export interface Span {
  readonly x: string;
  readonly width: string;
}

/** The part of the axis between two times; undefined when none of it is on the axis. */
export function span({ from, to }: Axis, start: number, end: number): Span | undefined {
  const [left, right] = [share(from, to, start), share(from, to, end)];
  return right > left ? { x: percent(left), width: percent(right - left) } : undefined;
}

function share(from: number, to: number, time: number): number {
  return Math.min(1, Math.max(0, (time - from) / (to - from)));
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(2))}%`;
}
