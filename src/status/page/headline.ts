/** The sentence on top: all well, or what is wrong and what to do. Pure. */
import type { Summary, SummaryState } from "../summary.ts";
import { type Html, html } from "./html.ts";

type Tone = "good" | "wait" | "warn" | "bad";

const tones: Readonly<Record<SummaryState, Tone>> = {
  expired: "bad",
  cold: "bad",
  starting: "wait",
  outage: "warn",
  "clock-skew": "warn",
  storm: "warn",
  drops: "warn",
  refusals: "warn",
  well: "good",
};

/** The worst as the page's heading, and what else is wrong below it. */
export function headline(worst: Summary, others: readonly Summary[]): Html {
  const tone = tones[worst.state];
  return html`<section class="headline ${tone}" role="status" aria-label="Summary">${icon(tone)}<div><h1>${worst.sentence}</h1>${advice(worst)}</div></section>
${others.length === 0 ? undefined : html`<ul class="others">${others.map(other)}</ul>`}`;
}

function other(summary: Summary): Html {
  const tone = tones[summary.state];
  return html`<li class="${tone}">${icon(tone)}<div><p>${summary.sentence}</p>${advice(summary)}</div></li>`;
}

/** What to do, and the line to write. */
export function advice({ remedy, line }: Pick<Summary, "remedy" | "line">): Html {
  return html`${remedy === undefined ? undefined : html`<p class="remedy"><b>What to do:</b> ${remedy}.</p>`}${line === undefined ? undefined : html`<p class="line">The line to write: <code>${line}</code></p>`}`;
}

const shapes: Readonly<Record<Tone, Html>> = {
  good: html`<circle cx="12" cy="12" r="11"/><path d="M7 12.5l3.5 3.5L17 9"/>`,
  wait: html`<circle cx="12" cy="12" r="11"/><path d="M12 6v6.5l4 2.5"/>`,
  warn: html`<path class="fill" d="M12 1.5L23.5 22H.5z"/><path d="M12 9v6M12 18v.6"/>`,
  bad: html`<circle cx="12" cy="12" r="11"/><path d="M8 8l8 8M16 8l-8 8"/>`,
};

function icon(tone: Tone): Html {
  return html`<svg class="icon" aria-hidden="true" viewBox="0 0 24 24" width="28" height="28">${shapes[tone]}</svg>`;
}

const colours: Readonly<Record<Tone, string>> = { good: "2a8f57", wait: "3b6fd4", warn: "d98a00", bad: "c9372c" };

/** The mark of the tab: whoever has ten of them open sees which one is in trouble. */
export function tabIcon({ state }: Summary): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#${colours[tones[state]]}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
