/** Lifetimes as bars on one axis. Plain SVG in percentages: it fits every width, and needs neither script nor style. */
import { type Axis, at, span } from "./axis.ts";
import { type Html, html } from "./html.ts";

export interface Piece {
  readonly kind: "spent" | "left" | "minimum" | "ending" | "margin" | "calm" | "advisory" | "mandatory" | "doubt";
  readonly from: number;
  readonly to: number;
}

export interface Mark {
  readonly kind: "refresh" | "minimum";
  readonly time: number;
}

const HEIGHT = 26;
const TOP = 5;
const THICK = 16;

/** A bar of pieces with marks on it, and the line that is now. `label` says the same for screen readers. */
export function bar(axis: Axis, label: string, pieces: readonly Piece[], marks: readonly Mark[] = []): Html {
  const drawn = pieces.flatMap(({ kind, from, to }) => {
    const place = span(axis, from, to);
    if (place === undefined) return [];
    return [html`<rect class="${kind}" x="${place.x}" y="${TOP}" width="${place.width}" height="${THICK}"/>`];
  });
  return html`<svg class="bar" role="img" aria-label="${label}" width="100%" height="${HEIGHT}"><rect class="track" x="0" y="${TOP}" width="100%" height="${THICK}"/>${drawn}${marks.map((mark) => drawMark(axis, mark))}${line("now", at(axis, axis.now), 0, HEIGHT)}</svg>`;
}

function drawMark(axis: Axis, { kind, time }: Mark): Html {
  return line(kind, at(axis, time), TOP - 3, TOP + THICK + 3);
}

function line(kind: string, x: string, top: number, bottom: number): Html {
  return html`<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
}

/** A piece of a bar for the legend. */
export function swatch(kind: Piece["kind"]): Html {
  return html`<svg class="swatch" aria-hidden="true" width="16" height="12"><rect class="${kind}" width="16" height="12"/></svg>`;
}

/** A line for the legend. */
export function stroke(kind: Mark["kind"] | "now"): Html {
  return html`<svg class="swatch" aria-hidden="true" width="16" height="12">${line(kind, "50%", 0, 12)}</svg>`;
}
