/** The real lifetime of one identity's credentials, as a bar and in words. Pure. */

import { SECOND } from "../../time.ts";
import { type IdentityStatus, type Status, UNKNOWN_EXPIRATION } from "../status.ts";
import { type Axis, axisOf } from "./axis.ts";
import { bar, type Mark, type Piece, stroke, swatch } from "./bars.ts";
import { type Html, html } from "./html.ts";
import { clock, duration, relative } from "./words.ts";

/** What is known of the times of credentials that are held; in ms since the epoch. */
export interface Life {
  readonly obtained: number;
  /** The real end, where one is known. */
  readonly end: number | undefined;
  /** Why none is, in words. */
  readonly endless: string;
  /** The last moment at which they are served. */
  readonly servedUntil: number;
  readonly nextRefresh: number | undefined;
}

/** Undefined while nothing was loaded. */
export function lifeOf({ obtained, expiration, honestExpiration, nextRefresh }: IdentityStatus): Life | undefined {
  if (obtained === undefined || honestExpiration === undefined) return undefined;
  const end = Date.parse(expiration ?? "");
  return {
    obtained: Date.parse(obtained),
    end: Number.isNaN(end) ? undefined : end,
    endless: expiration === UNKNOWN_EXPIRATION ? "a session whose end is unknown" : "static keys, without an end",
    servedUntil: Date.parse(honestExpiration),
    nextRefresh: nextRefresh === undefined ? undefined : Date.parse(nextRefresh),
  };
}

/** The axis of one identity: its credentials, and what its clients were told of them. */
export function axisFor(life: Life, reportedUntil: readonly number[], now: number): Axis {
  const { obtained, end, servedUntil } = life;
  return axisOf(now, [obtained, end ?? servedUntil, ...reportedUntil.filter((time) => time > obtained)]);
}

export function lifetimeRow(identity: IdentityStatus, life: Life, axis: Axis, settings: Status["settings"]): Html {
  const { now } = axis;
  const { obtained, end, nextRefresh } = life;
  const minimumLifetime = end === undefined ? undefined : end - settings.minimumLifetimeSeconds * SECOND;
  const marks: Mark[] = [];
  if (minimumLifetime !== undefined && minimumLifetime > obtained)
    marks.push({ kind: "minimum", time: minimumLifetime });
  if (nextRefresh !== undefined && nextRefresh <= axis.to) marks.push({ kind: "refresh", time: nextRefresh });
  return html`<div class="row"><div class="name"><h3>Credentials</h3><p>${lengthInWords(life)}</p></div>
<div class="life">${bar(axis, label(identity, life, now), pieces(life, minimumLifetime, axis), marks)}
${scale(life, axis)}
<ul class="key">${key(identity, life, minimumLifetime, settings, now)}</ul></div></div>`;
}

function pieces(
  { obtained, end, servedUntil }: Life,
  minimumLifetime: number | undefined,
  { now, to }: Axis,
): readonly Piece[] {
  const spent: Piece = { kind: "spent", from: obtained, to: Math.min(now, end ?? now) };
  if (end === undefined || minimumLifetime === undefined) return [spent, { kind: "left", from: now, to }];
  const below = Math.max(now, minimumLifetime);
  return [
    spent,
    { kind: "left", from: now, to: Math.min(minimumLifetime, servedUntil) },
    { kind: "minimum", from: below, to: servedUntil },
    { kind: "margin", from: Math.max(now, servedUntil), to: end },
  ];
}

function lengthInWords({ obtained, end, endless }: Life): string {
  return end === undefined ? endless : `live ${duration(roundUp(end - obtained))}`;
}

/** What upstream took to answer is not what people mean by a session of an hour. */
function roundUp(ms: number): number {
  return Math.ceil(ms / (10 * SECOND)) * 10 * SECOND;
}

function label({ state }: IdentityStatus, { end, endless, servedUntil, nextRefresh }: Life, now: number): string {
  if (end === undefined) return endless;
  const left = state === "expired" ? `Ended ${relative(end, now)}` : `${duration(servedUntil - now)} left to serve`;
  return `${left}${nextRefresh === undefined ? "" : `; upstream is asked next ${relative(nextRefresh, now)}`}.`;
}

function scale({ obtained, end }: Life, { now, to }: Axis): Html {
  const last = end === undefined ? html`no known end` : html`${clock(Math.max(end, to), now)}`;
  return html`<p class="scale"><span>${clock(obtained, now)}</span><span>${last}</span></p>`;
}

function key(
  { failure }: IdentityStatus,
  { obtained, end, servedUntil, nextRefresh }: Life,
  minimumLifetime: number | undefined,
  { minimumLifetimeSeconds, marginSeconds }: Status["settings"],
  now: number,
): readonly (Html | undefined)[] {
  const entry = (mark: Html, text: Html) => html`<li>${mark}${text}</li>`;
  const ask = failure === undefined ? "renewal" : "next try";
  const minimumLifetimeText = `floor of ${duration(minimumLifetimeSeconds * SECOND)}`;
  return [
    entry(stroke("now"), html`<span>now, ${clock(now, now)}</span>`),
    nextRefresh === undefined
      ? undefined
      : entry(stroke("refresh"), html`<span>${ask} ${clock(nextRefresh, now)}, ${relative(nextRefresh, now)}</span>`),
    minimumLifetime === undefined
      ? undefined
      : minimumLifetime <= obtained
        ? entry(
            swatch("minimum"),
            html`<span>always below the ${minimumLifetimeText}: the session is too short for it</span>`,
          )
        : entry(stroke("minimum"), html`<span>${minimumLifetimeText}, reached ${clock(minimumLifetime, now)}</span>`),
    end === undefined
      ? undefined
      : entry(
          swatch("margin"),
          html`<span>margin: not served in the last ${duration(marginSeconds * SECOND)}, from ${clock(servedUntil, now)}</span>`,
        ),
  ];
}
