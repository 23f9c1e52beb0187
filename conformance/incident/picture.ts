/** The figures as a picture for a README: one SVG that needs nothing else, in the reader's colours. Pure. */
import { style } from "./picture-style.ts";
import type { Figure } from "./summary.ts";
import { ms, names, spelled } from "./table.ts";

/** In px. */
const WIDTH = 840;
const PADDING = 24;
const BAR = { left: PADDING + 172, width: 276, height: 18 };
const ROW = 34;
const HEAD = 76;
const GROUP_HEAD = 38;
const FOOT = 40;

/** Right edges of the columns of figures. */
const COLUMNS = { p50: 546, p99: 620, perSecond: 700, calls: WIDTH - PADDING };

const TITLE = "A service whose every request makes one signed call of 18 ms";
const SUBTITLE =
  "AWS SDK for Java 1.11.546; the upstream does what kiam did: 15-minute sessions, two calls of 86 ms in all";

/** `figures` as `summarize` sorts them: by load, each with static credentials first. */
export function draw(figures: readonly Figure[], date: string): string {
  const groups = [...Map.groupBy(figures, ({ atOnce }) => atOnce).values()];
  const pxPerMs = BAR.width / Math.max(...figures.map(({ p99Ms }) => p99Ms));
  let top = HEAD;
  const drawn = groups.map((group) => {
    const lines = drawGroup(group, top, pxPerMs);
    top += GROUP_HEAD + group.length * ROW;
    return lines;
  });
  const foot = `Bars: p50; lines: up to p99; upstream calls are per request. Medians of ${figures[0]?.runs} rounds on ${date}.`;
  return svg(top + FOOT, describe(figures), [
    text(PADDING, 36, TITLE, "title"),
    text(PADDING, 57, SUBTITLE, "quiet"),
    ...headings(),
    ...drawn.flat(),
    text(PADDING, top + 18, foot, "quiet"),
  ]);
}

function svg(height: number, description: string, lines: readonly string[]): string {
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc">
  <title id="title">${TITLE}</title>
  <desc id="desc">${description}</desc>
  <style>${style}</style>
  <rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
  ${lines.join("\n  ")}
</svg>
`;
}

function headings(): readonly string[] {
  const heads = [
    [COLUMNS.p50, "p50"],
    [COLUMNS.p99, "p99"],
    [COLUMNS.perSecond, "requests/s"],
    [COLUMNS.calls, "upstream calls"],
  ] as const;
  return heads.map(([right, head]) => text(right, HEAD + 24, head, "quiet", "end"));
}

function drawGroup(group: readonly Figure[], top: number, pxPerMs: number): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const head = first.atOnce === 1 ? "one request at a time" : `${spelled(first.atOnce)} requests at once`;
  return [
    ...(top === HEAD ? [] : [rect("rule", PADDING, top, WIDTH - 2 * PADDING, 1)]),
    text(PADDING, top + 24, head, "strong"),
    ...group.flatMap((figure, index) => drawRow(figure, first.p50Ms, top + GROUP_HEAD + index * ROW, pxPerMs)),
  ];
}

function drawRow(figure: Figure, staticMs: number, top: number, pxPerMs: number): readonly string[] {
  const { setUp, p50Ms, p99Ms, perSecond, requests, upstreamCalls } = figure;
  const baseline = top + BAR.height - 4;
  const length = p50Ms * pxPerMs;
  const end = BAR.left + length;
  const times = `${(p50Ms / staticMs).toFixed(1)}×`;
  return [
    text(PADDING, baseline, names[setUp], ""),
    rect(setUp, BAR.left, top, length, BAR.height),
    rect(setUp, end, top + BAR.height / 2 - 1, (p99Ms - p50Ms) * pxPerMs, 2),
    ...(setUp === "straight" ? [text(end - 8, baseline, times, "times", "end")] : []),
    text(COLUMNS.p50, baseline, ms(p50Ms), "strong", "end"),
    text(COLUMNS.p99, baseline, ms(p99Ms), "", "end"),
    text(COLUMNS.perSecond, baseline, perSecond.toFixed(1), "", "end"),
    text(COLUMNS.calls, baseline, perRequest(upstreamCalls / requests), "", "end"),
  ];
}

/** The few calls of a sidecar are not none. */
function perRequest(calls: number): string {
  if (calls === 0) return "0";
  return calls < 0.1 ? calls.toFixed(3) : calls.toFixed(1);
}

/** What the picture shows, for those who do not see it. */
function describe(figures: readonly Figure[]): string {
  const sentences = figures.map(({ setUp, atOnce, p50Ms, p99Ms }) => {
    const load = atOnce === 1 ? "one request at a time" : `${spelled(atOnce)} requests at once`;
    return `${names[setUp]}, ${load}: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}.`;
  });
  return sentences.join(" ");
}

function rect(kind: string, x: number, y: number, width: number, height: number): string {
  const [left, length] = [x, width].map((value) => value.toFixed(1));
  return `<rect class="${kind}" x="${left}" y="${y}" width="${length}" height="${height}"/>`;
}

function text(x: number, y: number, content: string, kind: string, anchor: "start" | "end" = "start"): string {
  const attributes = `${kind === "" ? "" : ` class="${kind}"`}${anchor === "end" ? ' text-anchor="end"' : ""}`;
  return `<text x="${x.toFixed(0)}" y="${y}"${attributes}>${content}</text>`;
}
