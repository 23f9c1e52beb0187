/** The real lifetime of one identity's credentials, as a bar and in words. Pure. */
import { SECOND } from "../../time.ts";
import type { IdentityStatus, StatusSettings } from "../status.ts";
import { isEnding } from "../summary.ts";
import { durationInWords, relative } from "../words.ts";
import { type Axis, axisOf } from "./axis.ts";
import { bar, type Mark, type Piece, stroke, swatch } from "./bars.ts";
import { clock } from "./clock.ts";
import { type Html, html } from "./html.ts";

/** The times of cached credentials, in ms since the epoch. */
export interface Life {
  readonly obtained: number;
  /** The real end; undefined for static keys, and for a session whose end upstream does not tell. */
  readonly end: number | undefined;
  readonly lifetime: "until" | "unlimited" | "unknown";
  /** The last moment at which they are served. */
  readonly servedUntil: number;
  readonly nextRefresh: number | undefined;
}

/** Undefined while nothing was loaded. */
export function lifeOf({ cached, nextRefreshAt: nextRefresh }: IdentityStatus): Life | undefined {
  if (cached === undefined) return undefined;
  const { obtainedAt: obtained, lifetime, honestExpiration: servedUntil } = cached;
  const end = lifetime.kind === "until" ? lifetime.expiration : undefined;
  return { obtained, end, lifetime: lifetime.kind, servedUntil, nextRefresh };
}

/** The axis of one identity: its credentials, and what was reported of them to its clients. */
export function axisFor(life: Life, reportedUntil: readonly number[], now: number): Axis {
  const { obtained, end, servedUntil } = life;
  return axisOf(now, [obtained, end ?? servedUntil, ...reportedUntil.filter((time) => time > obtained)]);
}

export function lifetimeRow(identity: IdentityStatus, life: Life, axis: Axis, settings: StatusSettings): Html {
  const { now } = axis;
  const { obtained, end, nextRefresh } = life;
  const minimumReachedAt = end === undefined ? undefined : end - settings.minimumLifetimeMs;
  const marks: Mark[] = [];
  if (minimumReachedAt !== undefined && minimumReachedAt > obtained)
    marks.push({ kind: "minimum", time: minimumReachedAt });
  if (nextRefresh !== undefined && nextRefresh <= axis.to) marks.push({ kind: "refresh", time: nextRefresh });
  return html`<div class="row"><div class="name"><h3>Credentials</h3><p>${lengthInWords(life)}</p></div>
<div class="life">${bar(axis, label(identity, life, now), pieces(identity, life, minimumReachedAt, axis), marks)}
${scale(life, axis)}
<ul class="key">${key(identity, life, minimumReachedAt, settings, now)}</ul></div></div>`;
}

function pieces(
  identity: IdentityStatus,
  { obtained, end, servedUntil }: Life,
  minimumReachedAt: number | undefined,
  { now, to }: Axis,
): readonly Piece[] {
  const spent: Piece = { kind: "spent", from: obtained, to: Math.min(now, end ?? now) };
  if (end === undefined || minimumReachedAt === undefined) return [spent, { kind: "left", from: now, to }];
  if (isEnding(identity, now))
    return [spent, { kind: "ending", from: now, to: servedUntil }, margin(now, servedUntil, end)];
  const below = Math.max(now, minimumReachedAt);
  return [
    spent,
    { kind: "left", from: now, to: Math.min(minimumReachedAt, servedUntil) },
    { kind: "minimum", from: below, to: servedUntil },
    margin(now, servedUntil, end),
  ];
}

function margin(now: number, servedUntil: number, end: number): Piece {
  return { kind: "margin", from: Math.max(now, servedUntil), to: end };
}

const endless = {
  unlimited: "static keys, which do not expire",
  unknown: "a session whose end is unknown",
  until: "",
} as const;

function lengthInWords({ obtained, end, lifetime }: Life): string {
  return end === undefined ? endless[lifetime] : `valid for ${durationInWords(roundUp(end - obtained))}`;
}

/** The time that upstream took to answer does not belong to a session of an hour. */
function roundUp(ms: number): number {
  return Math.ceil(ms / (10 * SECOND)) * 10 * SECOND;
}

function label({ state }: IdentityStatus, { end, lifetime, servedUntil, nextRefresh }: Life, now: number): string {
  const left =
    end === undefined
      ? endless[lifetime]
      : state === "expired"
        ? `expired ${relative(servedUntil, now)}`
        : `served for another ${durationInWords(servedUntil - now)}`;
  return `Credentials: ${left}${nextRefresh === undefined ? "" : `; next refresh ${relative(nextRefresh, now)}`}.`;
}

function scale({ obtained, end }: Life, { now, to }: Axis): Html {
  const last = end === undefined ? html`no end` : html`${clock(Math.max(end, to), now)}`;
  return html`<p class="scale"><span>${clock(obtained, now)}</span><span>${last}</span></p>`;
}

function key(
  identity: IdentityStatus,
  { obtained, end, servedUntil, nextRefresh }: Life,
  minimumReachedAt: number | undefined,
  { minimumLifetimeMs, marginMs }: StatusSettings,
  now: number,
): readonly (Html | undefined)[] {
  const entry = (mark: Html, text: Html) => html`<li>${mark}${text}</li>`;
  const refresh = identity.failure === undefined ? "refresh" : "next attempt";
  const minimumText = `minimum lifetime of ${durationInWords(minimumLifetimeMs)}`;
  return [
    entry(stroke("now"), html`<span>now, ${clock(now, now)}</span>`),
    nextRefresh === undefined
      ? undefined
      : entry(
          stroke("refresh"),
          html`<span>${refresh} ${clock(nextRefresh, now)}, ${relative(nextRefresh, now)}</span>`,
        ),
    isEnding(identity, now)
      ? entry(swatch("ending"), html`<span>${durationInWords(servedUntil - now)} left to serve</span>`)
      : undefined,
    minimumReachedAt === undefined
      ? undefined
      : minimumReachedAt <= obtained
        ? entry(swatch("minimum"), html`<span>always below the ${minimumText}: the session is too short for it</span>`)
        : entry(stroke("minimum"), html`<span>${minimumText}, reached ${clock(minimumReachedAt, now)}</span>`),
    end === undefined
      ? undefined
      : entry(
          swatch("margin"),
          html`<span>margin: not served in the last ${durationInWords(marginMs)}, from ${clock(servedUntil, now)}</span>`,
        ),
  ];
}
