/** Reads per minute as a small plot. Pure. */
import { type Html, html } from "./html.ts";

const BAR = 4;
const STEP = 5;
const HEIGHT = 28;

/**
 * One bar a minute; `most` is the highest of all plots of the page, so that they can be compared. A minute with one read
 * among thousands is still visible.
 */
export function plot(counts: readonly number[], most: number, label: string): Html {
  const bars = counts.map((count, minute) => {
    const height = count === 0 ? 1 : Math.max(2, Math.round((count / Math.max(1, most)) * HEIGHT));
    const kind = count === 0 ? "none" : "some";
    return html`<rect class="${kind}" x="${minute * STEP}" y="${HEIGHT - height}" width="${BAR}" height="${height}"/>`;
  });
  const width = counts.length * STEP;
  return html`<svg class="plot" role="img" aria-label="${label}" width="${width}" height="${HEIGHT}">${bars}</svg>`;
}
