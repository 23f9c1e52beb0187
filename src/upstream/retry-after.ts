/** How long an answer asks to wait before the next request. Pure. */
import { SECOND } from "../time.ts";

export type Headers = Readonly<Record<string, string | undefined>>;

/**
 * In ms, from `Retry-After` (RFC 9110, 10.2.3: seconds or a date) or AWS's `x-amz-retry-after` (ms). `now` in ms.
 * Undefined when neither is there or can be read.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const own = headers["x-amz-retry-after"] ?? "";
  if (/^\d{1,9}$/.test(own)) return Number(own);
  const text = headers["retry-after"] ?? "";
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Number(text) * SECOND;
  const date = / GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
