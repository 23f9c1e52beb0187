/** The sentence on top: what is wrong and what to do, or that no problem was found. Pure. */
import type { Problem, Summary } from "../summary.ts";
import { copyable } from "./copyable.ts";
import { fold } from "./fold.ts";
import { type Html, html } from "./html.ts";

export type Tone = "good" | "wait" | "warn" | "bad";

interface Look {
  readonly tone: Tone;
  /** What a tab says first: it has room for a word or two. */
  readonly tab: string;
}

const looks: Readonly<Record<Summary["state"], Look>> = {
  expired: { tone: "bad", tab: "EXPIRED" },
  cold: { tone: "bad", tab: "NO CREDS" },
  ending: { tone: "bad", tab: "EXPIRING" },
  starting: { tone: "wait", tab: "STARTING" },
  outage: { tone: "warn", tab: "OUTAGE" },
  "fallback-region": { tone: "warn", tab: "FALLBACK" },
  "clock-skew": { tone: "warn", tab: "CLOCK" },
  storm: { tone: "warn", tab: "STORM" },
  drops: { tone: "warn", tab: "DROPPED" },
  refusals: { tone: "warn", tab: "REFUSED" },
  "state-file": { tone: "warn", tab: "STATE FILE" },
  well: { tone: "good", tab: "OK" },
};

/** More than these would push the identities off the screen. */
const SHOWN_OTHERS = 4;

/** The worst problem as the page's heading, and the other problems below it. */
export function headline(worst: Summary, others: readonly Problem[]): Html {
  const { tone } = looks[worst.state];
  return html`<section class="headline ${tone}" role="status" aria-label="Summary">${icon(tone)}<div><h1>${worst.sentence}</h1>${advice(worst)}</div></section>
${list(others.slice(0, SHOWN_OTHERS))}${fold(others.slice(SHOWN_OTHERS), list, "more problem")}`;
}

function list(problems: readonly Problem[]): Html | undefined {
  return problems.length === 0 ? undefined : html`<ul class="others">${problems.map(other)}</ul>`;
}

function other(problem: Problem): Html {
  const { tone } = looks[problem.state];
  return html`<li class="${tone}">${icon(tone)}<div><p>${problem.sentence}</p>${advice(problem)}</div></li>`;
}

/** Since when, the remedy, and the line to write or the command to run. */
export function advice({ history, remedy, line, command }: Omit<Summary<string>, "state" | "sentence">): Html {
  return html`${history === undefined ? undefined : html`<p class="history">${history}</p>`}${remedy === undefined ? undefined : html`<p class="remedy"><b>What to do:</b> ${remedy}.</p>`}${line === undefined ? undefined : copyable("The line to write:", line)}${command === undefined ? undefined : copyable("The command to run:", command)}`;
}

const shapes: Readonly<Record<Tone, Html>> = {
  good: html`<circle cx="12" cy="12" r="11"/><path d="M7 12.5l3.5 3.5L17 9"/>`,
  wait: html`<circle cx="12" cy="12" r="11"/><path d="M12 6v6.5l4 2.5"/>`,
  warn: html`<path class="fill" d="M12 1.5L23.5 22H.5z"/><path d="M12 9v6M12 18v.6"/>`,
  bad: html`<circle cx="12" cy="12" r="11"/><path d="M8 8l8 8M16 8l-8 8"/>`,
};

export function icon(tone: Tone): Html {
  return html`<svg class="icon" aria-hidden="true" viewBox="0 0 24 24" width="28" height="28">${shapes[tone]}</svg>`;
}

const colours: Readonly<Record<Tone | "gone", string>> = {
  gone: "777777",
  good: "2a8f57",
  wait: "3b6fd4",
  warn: "d98a00",
  bad: "c9372c",
};

/** Short, and the state first: an operator has many tabs open. */
export function tabTitle({ state }: Summary, hostname: string): string {
  return `${looks[state].tab} · ${hostname}`;
}

/** The icon of the tab has the state's colour. */
export function tabIcon({ state }: Summary): string {
  return circle(looks[state].tone);
}

export function circle(tone: Tone | "gone"): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#${colours[tone]}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
