/** Who reads one identity's credentials, what it was told, and whether that calms it. Pure. */
import { LARGEST_ADVISORY_SECONDS } from "../../policy/clients.ts";
import { SECOND } from "../../time.ts";
import type { ClientStatus, ClientVerdict } from "../client-status.ts";
import type { Axis } from "./axis.ts";
import { bar, type Piece, swatch } from "./bars.ts";
import { advice } from "./headline.ts";
import { type Html, html } from "./html.ts";
import { plot } from "./plot.ts";
import { duration, relative } from "./words.ts";

const verdicts: Readonly<Record<ClientVerdict, readonly [tone: string, words: string]>> = {
  calm: ["good", "calm"],
  "inside-window": ["warn", "inside its window"],
  storming: ["bad", "storming"],
  nothing: ["wait", "got nothing yet"],
};

/** `axis` is undefined while there is nothing to serve. What to do about a storm is said on top. */
export function clientRow(client: ClientStatus, axis: Axis | undefined, now: number): Html {
  const { label, version, protocol, verdict, remedy } = client;
  const [tone, words] = verdicts[verdict];
  const story = storyOf(client, now);
  return html`<div class="row client"><div class="name"><h3>${label}${version === undefined ? undefined : html` <small>${version}</small>`}</h3>
<p><span class="badge ${tone}">${words}</span> <small>${protocol === "imds" ? "IMDS" : "container"}</small></p>${readsOf(client)}</div>
<div class="life">${axis === undefined ? undefined : bar(axis, story, piecesOf(client))}<p>${story}</p>
${remedy === undefined || verdict === "storming" ? undefined : advice({ remedy: remedy.text, ...(remedy.line === undefined ? {} : { line: remedy.line }) })}</div></div>`;
}

function piecesOf({
  reported,
  advisoryWindowSeconds,
  shortestAdvisoryWindowSeconds,
  mandatoryWindowSeconds = 0,
  verdict,
}: ClientStatus): readonly Piece[] {
  if (reported === undefined) return [];
  const [from, to] = [Date.parse(reported.at), Date.parse(reported.expiration)];
  const before = (seconds: number) => Math.max(from, to - seconds * SECOND);
  const mayAsk = before(advisoryWindowSeconds ?? LARGEST_ADVISORY_SECONDS);
  // That it storms shows that it asks already.
  const advisoryFrom = before(
    shortestAdvisoryWindowSeconds ?? advisoryWindowSeconds ?? (verdict === "storming" ? LARGEST_ADVISORY_SECONDS : 0),
  );
  const mandatoryFrom = before(mandatoryWindowSeconds);
  return [
    { kind: "calm", from, to: mayAsk },
    { kind: "doubt", from: mayAsk, to: advisoryFrom },
    { kind: "advisory", from: advisoryFrom, to: mandatoryFrom },
    { kind: "mandatory", from: mandatoryFrom, to },
  ];
}

/** What it was told and what that makes it do, in a sentence or two. */
function storyOf(
  { reported, advisoryWindowSeconds, shortestAdvisoryWindowSeconds, verdict, lastRead }: ClientStatus,
  now: number,
): string {
  if (reported === undefined) return `Asked ${relative(Date.parse(lastRead), now)}, when there was nothing to give.`;
  const at = relative(Date.parse(reported.at), now);
  const was = `Was told ${duration(reported.secondsLeft * SECOND)} (${at})`;
  if (advisoryWindowSeconds === undefined) return `${was}. ${ofStranger(verdict)}`;
  const advisoryWindow = duration(advisoryWindowSeconds * SECOND);
  if (verdict !== "calm") {
    return `${was}, but fetches again whenever less than ${advisoryWindow} are left: at every use.${verdict === "storming" ? WAITS : ""}`;
  }
  if (shortestAdvisoryWindowSeconds !== undefined) {
    return `${was}. Reads again now and then when less than ${advisoryWindow} are left, and at every use below ${duration(shortestAdvisoryWindowSeconds * SECOND)}.`;
  }
  const again = Date.parse(reported.expiration) - advisoryWindowSeconds * SECOND;
  if (advisoryWindowSeconds === 0) return `${was}. Reads again when that has ended.`;
  return `${was}. Reads again when less than ${advisoryWindow} are left: ${again > now ? relative(again, now) : "at its next use"}.`;
}

const WAITS = " Every request of its application waits for that.";

function ofStranger(verdict: ClientVerdict): string {
  if (verdict === "calm") return "Its requests do not say who it is; that is enough for every client that is known.";
  const largest = duration(LARGEST_ADVISORY_SECONDS * SECOND);
  const may = `Its requests do not say who it is; some clients fetch again at every use below ${largest}`;
  return verdict === "storming" ? `${may}, and so does this one.${WAITS}` : `${may}.`;
}

function readsOf({ readsPerMinute }: ClientStatus): Html {
  const sum = readsPerMinute.reduce((total, count) => total + count, 0);
  const most = Math.max(0, ...readsPerMinute);
  const reads = `${count(sum, "read")} in ${readsPerMinute.length} min${most < 2 ? "" : `, up to ${most.toLocaleString("en")} a minute`}`;
  return html`<div class="reads">${plot(readsPerMinute, `Reads per minute: ${readsPerMinute.join(", ")}`)}<p><small>${reads}</small></p></div>`;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
}

/** What the colours of the clients' bars mean. */
export const clientKey: Html = html`<ul class="key">
<li>${swatch("calm")}<span>what it was told: it does not read</span></li>
<li>${swatch("advisory")}<span>it reads again at every use</span></li>
<li>${swatch("mandatory")}<span>it does not sign without reading</span></li>
<li>${swatch("doubt")}<span>it may read again</span></li>
</ul>`;
