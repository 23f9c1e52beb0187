/** The clients that read one identity's credentials, what was reported to them, and whether that keeps them calm. Pure. */
import { LARGEST_ADVISORY_SECONDS } from "../../policy/clients.ts";
import { SECOND } from "../../time.ts";
import type { ClientState, ClientStatus } from "../client-status.ts";
import { clientTitle } from "../client-title.ts";
import { clockTime, count, durationInWords, relative } from "../words.ts";
import type { Axis } from "./axis.ts";
import { bar, type Piece, swatch } from "./bars.ts";
import { advice } from "./headline.ts";
import { type Html, html } from "./html.ts";
import { plot } from "./plot.ts";

const badges: Readonly<Record<ClientState, readonly [tone: string, words: string]>> = {
  calm: ["good", "calm"],
  "inside-window": ["warn", "inside its window"],
  storming: ["bad", "storming"],
  nothing: ["bad", "no credentials yet"],
};

/** What the rows of one identity's clients have in common. */
export interface Rows {
  /** Undefined while there is nothing to serve. */
  readonly axis: Axis | undefined;
  readonly now: number;
  /** The most reads that any client of the page made in a minute. */
  readonly mostReads: number;
  /** When reads began to get errors; undefined while they do not. */
  readonly errorsSince: number | undefined;
}

/** A client as it is now: what it got may have expired since it read, and then its next read gets nothing. */
function badgeOf({ state, lastReadServed }: ClientStatus, errors: boolean): readonly [tone: string, words: string] {
  if (state === "nothing") return badges[state];
  if (!lastReadServed) return ["bad", "last read: 503"];
  return errors ? ["bad", "next read: 503"] : badges[state];
}

/** The remedy for a storm is at the top of the page. */
export function clientRow(client: ClientStatus, rows: Rows): Html {
  const { name, version, protocol, state, remedy } = client;
  const { axis } = rows;
  const [tone, words] = badgeOf(client, rows.errorsSince !== undefined);
  const story = storyOf(client, rows);
  const title = clientTitle(name);
  const marks = [
    title === name ? undefined : html`<code>${name}</code>`,
    version,
    protocol === "imds" ? "IMDS" : undefined,
  ];
  return html`<div class="row client"><div class="name"><h3>${title}</h3>
<p><span class="badge ${tone}">${words}</span> <small>${marks.map((mark) => mark && html`<span class="mark">${mark}</span> `)}</small></p>${readsOf(client, rows)}</div>
<div class="life">${axis === undefined ? undefined : bar(axis, story, piecesOf(client))}<p>${story}</p>
${remedy === undefined || state === "storming" ? undefined : advice({ remedy: remedy.text, line: remedy.line })}</div></div>`;
}

function piecesOf(client: ClientStatus): readonly Piece[] {
  const { reported, advisorySeconds, shortestAdvisorySeconds, mandatorySeconds = 0, state } = client;
  if (reported === undefined) return [];
  const { at: from, expiration: to } = reported;
  const before = (seconds: number) => Math.max(from, to - seconds * SECOND);
  const mayRead = before(advisorySeconds ?? LARGEST_ADVISORY_SECONDS);
  // A client in a storm reads all the time, so its next read needs no mention.
  const advisoryFrom = before(
    shortestAdvisorySeconds ?? advisorySeconds ?? (state === "storming" ? LARGEST_ADVISORY_SECONDS : 0),
  );
  const mandatoryFrom = before(mandatorySeconds);
  return [
    { kind: "calm", from, to: mayRead },
    { kind: "doubt", from: mayRead, to: advisoryFrom },
    { kind: "advisory", from: advisoryFrom, to: mandatoryFrom },
    { kind: "mandatory", from: mandatoryFrom, to },
  ];
}

/** What was reported to it and what it does next, in a sentence or two. */
function storyOf(client: ClientStatus, { now, errorsSince }: Rows): string {
  const { reported, lastReadAt, lastReadServed } = client;
  const unserved = `Its last read (${relative(lastReadAt, now)}) got 503: there was nothing to serve.`;
  if (reported === undefined) return unserved;
  const left = durationInWords(reported.expiration - reported.at);
  const was = `It got ${left} (${relative(reported.at, now)})`;
  if (!lastReadServed) return `${unserved} ${was} before that.`;
  if (errorsSince === undefined) return `${was}${nextRead(client, reported.expiration, now)}`;
  return `${was}. What it has expired at ${clockTime(errorsSince, now)}; its next read gets 503.`;
}

function nextRead(client: ClientStatus, expiration: number, now: number): string {
  const { advisorySeconds, shortestAdvisorySeconds, state } = client;
  if (advisorySeconds === undefined) return `. ${ofUnrecognised(state)}`;
  const window = durationInWords(advisorySeconds * SECOND);
  if (state !== "calm") {
    return `, but reads again at every use when less than ${window} is left.${state === "storming" ? WAITS : ""}`;
  }
  if (shortestAdvisorySeconds !== undefined) {
    return `. It reads again now and then when less than ${window} is left, and at every use below ${durationInWords(shortestAdvisorySeconds * SECOND)}.`;
  }
  if (advisorySeconds === 0) return ". It reads again when that has expired.";
  const again = expiration - advisorySeconds * SECOND;
  return `. It reads again when less than ${window} is left: ${again > now ? relative(again, now) : "at its next use"}.`;
}

const WAITS = " Every request of its application waits for that.";

function ofUnrecognised(state: ClientState): string {
  if (state === "calm")
    return "Its requests do not say which client it is; this is long enough for every known client.";
  const largest = durationInWords(LARGEST_ADVISORY_SECONDS * SECOND);
  const may = `Its requests do not say which client it is; some clients read at every use below ${largest}`;
  return state === "storming" ? `${may}, and so does this one.${WAITS}` : `${may}.`;
}

function readsOf({ readsPerMinute }: ClientStatus, { mostReads }: Rows): Html {
  const sum = readsPerMinute.reduce((total, reads) => total + reads, 0);
  const most = Math.max(0, ...readsPerMinute);
  const label = `Reads per minute: ${readsPerMinute.join(", ")}`;
  const reads = `${count(sum, "read")} in ${readsPerMinute.length} min${most < 2 ? "" : `, up to ${most.toLocaleString("en")} a minute`}`;
  return html`<div class="reads">${plot(readsPerMinute, mostReads, label)}<p><small>${reads}</small></p></div>`;
}

/** The colours of the clients' bars. */
export const clientKey: Html = html`<ul class="key">
<li>${swatch("calm")}<span>reported lifetime: it does not read</span></li>
<li>${swatch("doubt")}<span>it may read again</span></li>
<li>${swatch("advisory")}<span>advisory window: it reads again at every use</span></li>
<li>${swatch("mandatory")}<span>mandatory window: it does not sign without a successful read</span></li>
</ul>`;
