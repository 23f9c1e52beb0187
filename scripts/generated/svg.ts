/** Small charts as SVG, with colours for light and dark, and a description in words. */

export interface Point {
  /** In minutes. */
  readonly t: number;
  readonly y: number;
}

/** What is drawn, from back to front. All positions in minutes on both axes, unless the chart has another unit upwards. */
export type Mark =
  | { readonly kind: "line"; readonly points: readonly Point[]; readonly look: Look }
  | {
      readonly kind: "level";
      readonly y: number;
      readonly look: Look;
      readonly label: string;
      readonly above?: boolean;
    }
  | { readonly kind: "band"; readonly from: number; readonly to: number; readonly look: Look }
  | { readonly kind: "reads"; readonly at: readonly number[]; readonly look: Look; readonly label: string }
  | {
      readonly kind: "moment";
      readonly t: number;
      readonly y: number;
      readonly label: string;
      readonly anchor?: "start" | "end";
    }
  | { readonly kind: "note"; readonly t: number; readonly y: number; readonly text: string; readonly look: Look };

/** Colours by meaning; none carries it alone, for each has a label beside it. */
export type Look = "real" | "reported" | "advisory" | "storm" | "calm";

export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly minutes: number;
  readonly top: number;
  readonly xStep: number;
  readonly yStep: number;
  /** What is counted upwards; minutes left when nothing else is said. */
  readonly unit?: string;
  readonly marks: readonly Mark[];
}

const [WIDTH, HEIGHT] = [760, 336];
const PLOT = { left: 56, right: 744, top: 58, bottom: 258 } as const;
const READS_TOP = 290;

interface Palette extends Readonly<Record<Look, string>> {
  readonly surface: string;
  readonly text: string;
  readonly soft: string;
  readonly grid: string;
}

const LIGHT: Palette = {
  surface: "#ffffff",
  text: "#1f2328",
  soft: "#59636e",
  grid: "#e4e7eb",
  real: "#0a5bc4",
  reported: "#7a3fb8",
  advisory: "#8a4b00",
  storm: "#b3261e",
  calm: "#1a6b35",
};

const DARK: Palette = {
  surface: "#0d1117",
  text: "#e6edf3",
  soft: "#9aa5b1",
  grid: "#262c34",
  real: "#6cb0ff",
  reported: "#c9a2f5",
  advisory: "#f0b263",
  storm: "#ff8b82",
  calm: "#6fd08c",
};

const looks: readonly Look[] = ["real", "reported", "advisory", "storm", "calm"];

/** Without CSS variables, which not every program that draws SVG knows. */
function colours({ surface, text: words, soft, grid, ...byLook }: Palette): string {
  const rules = looks.map((look) => {
    const colour = byLook[look];
    return `.${look} { stroke: ${colour} } text.${look}, .band.${look} { fill: ${colour}; stroke: none }`;
  });
  return [
    `.surface { fill: ${surface} } text { fill: ${words} } text.axis { fill: ${soft} }`,
    `.grid { stroke: ${grid} } .moment { stroke: ${soft} }`,
    ...rules,
  ].join("\n");
}

const STYLE = `
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
.title { font-size: 15px; font-weight: 600 }
.moment { stroke-dasharray: 2 4 }
.real, .reported, .advisory, .storm, .calm { fill: none; stroke-width: 2 }
.advisory { stroke-dasharray: 6 4 }
.band { opacity: .12 }
${colours(LIGHT)}
@media (prefers-color-scheme: dark) {
${colours(DARK)}
}
`;

export function render(chart: Chart): string {
  const { title, description, marks } = chart;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>${STYLE}</style>
<rect class="surface" width="${WIDTH}" height="${HEIGHT}"/>
${[text(PLOT.left, 24, title, "title"), ...axes(chart), ...marks.map((mark) => draw(chart, mark))].join("\n")}
</svg>
`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const x = ({ minutes }: Chart, t: number): number =>
  round(PLOT.left + (Math.min(t, minutes) / minutes) * (PLOT.right - PLOT.left));
const y = ({ top }: Chart, value: number): number =>
  round(PLOT.bottom - (Math.min(Math.max(value, 0), top) / top) * (PLOT.bottom - PLOT.top));

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function text(atX: number, atY: number, words: string, name: string, anchor = "start"): string {
  return `<text x="${atX}" y="${atY}" class="${name}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${name}"/>`;
}

const steps = (end: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);

function axes(chart: Chart): readonly string[] {
  const { minutes, top, xStep, yStep, unit = "minutes left" } = chart;
  const horizontal = steps(top, yStep).flatMap((value) => [
    line(PLOT.left, y(chart, value), PLOT.right, y(chart, value), "grid"),
    text(PLOT.left - 8, y(chart, value) + 4, String(value), "axis", "end"),
  ]);
  const vertical = steps(minutes, xStep).map((t) =>
    text(x(chart, t), PLOT.bottom + 18, t === 0 ? "0 min" : String(t), "axis", t === minutes ? "end" : "middle"),
  );
  return [...horizontal, text(PLOT.left, PLOT.top - 10, unit, "axis"), ...vertical];
}

function draw(chart: Chart, mark: Mark): string {
  switch (mark.kind) {
    case "line": {
      const points = mark.points.map(({ t, y: value }) => `${x(chart, t)},${y(chart, value)}`).join(" ");
      return `<polyline points="${points}" class="${mark.look}"/>`;
    }
    case "level": {
      const at = y(chart, mark.y);
      const label = text(PLOT.right, at + (mark.above === false ? 16 : -6), mark.label, mark.look, "end");
      return line(PLOT.left, at, PLOT.right, at, mark.look) + label;
    }
    case "band": {
      const [from, to] = [y(chart, mark.to), y(chart, mark.from)];
      const width = PLOT.right - PLOT.left;
      return `<rect x="${PLOT.left}" y="${from}" width="${width}" height="${round(to - from)}" class="band ${mark.look}"/>`;
    }
    case "reads": {
      const ticks = mark.at.map((t) => line(x(chart, t), READS_TOP, x(chart, t), READS_TOP + 18, mark.look));
      return ticks.join("") + text(PLOT.left, READS_TOP + 35, mark.label, mark.look);
    }
    case "moment": {
      const at = x(chart, mark.t);
      const [anchor, away] = mark.anchor === "end" ? ["end", -6] : ["start", 6];
      return (
        line(at, PLOT.top, at, PLOT.bottom, "moment") + text(at + away, y(chart, mark.y), mark.label, "axis", anchor)
      );
    }
    case "note":
      return text(x(chart, mark.t), y(chart, mark.y), mark.text, mark.look);
  }
}
