/** The real lifetime of one identity's credentials, as a bar and in words. Pure. */
import { SECOND } from "../../lifetime/renewal.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { type Axis, axisOf } from "./axis.ts";
import { bar, type Mark, type Piece, stroke, swatch } from "./bars.ts";
import { type Html, html } from "./html.ts";
import { clock, duration, relative } from "./words.ts";

/** What is known of the times of credentials that are held; in ms since the epoch. */
export interface Life {
  readonly obtained: number;
  /** The real end; undefined for static keys. */
  readonly end: number | undefined;
  /** The last moment at which they are served. */
  readonly servedUntil: number;
  readonly nextTry: number | undefined;
}

/** Undefined while nothing was loaded. */
export function lifeOf({ obtained, expiration, honestExpiration, nextTry }: IdentityStatus): Life | undefined {
  if (obtained === undefined || honestExpiration === undefined) return undefined;
  const end = Date.parse(expiration ?? "");
  return {
    obtained: Date.parse(obtained),
    end: Number.isNaN(end) ? undefined : end,
    servedUntil: Date.parse(honestExpiration),
    nextTry: nextTry === undefined ? undefined : Date.parse(nextTry),
  };
}

/** The axis of one identity: its credentials, and what its clients were told of them. */
export function axisFor(life: Life, toldUntil: readonly number[], now: number): Axis {
  const { obtained, end, servedUntil } = life;
  return axisOf(now, [obtained, end ?? servedUntil, ...toldUntil.filter((time) => time > obtained)]);
}

export function lifetimeRow(identity: IdentityStatus, life: Life, axis: Axis, settings: Status["settings"]): Html {
  const { now } = axis;
  const { obtained, end, nextTry } = life;
  const floor = end === undefined ? undefined : end - settings.floorSeconds * SECOND;
  const marks: Mark[] = [];
  if (floor !== undefined && floor > obtained) marks.push({ kind: "floor", time: floor });
  if (nextTry !== undefined && nextTry <= axis.to) marks.push({ kind: "renewal", time: nextTry });
  return html`<div class="row"><div class="name"><h3>Credentials</h3><p>${lengthInWords(life)}</p></div>
<div class="life">${bar(axis, label(identity, life, now), pieces(life, floor, axis), marks)}
${scale(life, axis)}
<ul class="key">${key(identity, life, floor, settings, now)}</ul></div></div>`;
}

function pieces({ obtained, end, servedUntil }: Life, floor: number | undefined, { now, to }: Axis): readonly Piece[] {
  const spent: Piece = { kind: "spent", from: obtained, to: Math.min(now, end ?? now) };
  if (end === undefined || floor === undefined) return [spent, { kind: "left", from: now, to }];
  const below = Math.max(now, floor);
  return [
    spent,
    { kind: "left", from: now, to: Math.min(floor, servedUntil) },
    { kind: "floor", from: below, to: servedUntil },
    { kind: "margin", from: Math.max(now, servedUntil), to: end },
  ];
}

function lengthInWords({ obtained, end }: Life): string {
  return end === undefined ? "static keys, without an end" : `live ${duration(roundUp(end - obtained))}`;
}

/** What upstream took to answer is not what people mean by a session of an hour. */
function roundUp(ms: number): number {
  return Math.ceil(ms / (10 * SECOND)) * 10 * SECOND;
}

function label({ state }: IdentityStatus, { end, servedUntil, nextTry }: Life, now: number): string {
  if (end === undefined) return "Static keys, which have no end.";
  const left = state === "expired" ? `Ended ${relative(end, now)}` : `${duration(servedUntil - now)} left to serve`;
  return `${left}${nextTry === undefined ? "" : `; upstream is asked next ${relative(nextTry, now)}`}.`;
}

function scale({ obtained, end }: Life, { now, to }: Axis): Html {
  const last = end === undefined ? html`no end` : html`${clock(Math.max(end, to), now)}`;
  return html`<p class="scale"><span>${clock(obtained, now)}</span><span>${last}</span></p>`;
}

function key(
  { failure }: IdentityStatus,
  { obtained, end, servedUntil, nextTry }: Life,
  floor: number | undefined,
  { floorSeconds, marginSeconds }: Status["settings"],
  now: number,
): readonly (Html | undefined)[] {
  const entry = (mark: Html, text: Html) => html`<li>${mark}${text}</li>`;
  const ask = failure === undefined ? "renewal" : "next try";
  const floorText = `floor of ${duration(floorSeconds * SECOND)}`;
  return [
    entry(stroke("now"), html`<span>now, ${clock(now, now)}</span>`),
    nextTry === undefined
      ? undefined
      : entry(stroke("renewal"), html`<span>${ask} ${clock(nextTry, now)}, ${relative(nextTry, now)}</span>`),
    floor === undefined
      ? undefined
      : floor <= obtained
        ? entry(swatch("floor"), html`<span>always below the ${floorText}: the session is too short for it</span>`)
        : entry(stroke("floor"), html`<span>${floorText}, reached ${clock(floor, now)}</span>`),
    end === undefined
      ? undefined
      : entry(
          swatch("margin"),
          html`<span>margin: not served in the last ${duration(marginSeconds * SECOND)}, from ${clock(servedUntil, now)}</span>`,
        ),
  ];
}
