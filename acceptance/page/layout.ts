/**
 * Where the parts of the page stand, by what fonts do not change: their order from top to bottom, and their left edges and
 * widths, which follow from the page's width alone. Heights follow from text, and are left out.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { ViewName } from "./views.ts";

/** A part in words: what it is, its left edge and its width in px. */
export type Layout = readonly string[];

const PARTS = ".headline, .others li, .card, dl, .row, .row > *, svg.bar, svg.plot, svg.took, table, footer";
/** In px: scroll bars and rounding. */
const STEP = 10;

/** The parts that are shown, from top to bottom, and from left to right where they begin at the same height. */
export async function layoutOf(page: Page): Promise<Layout> {
  return (await page.evaluate(`(${boxes})(${JSON.stringify(PARTS)}, ${STEP})`)) as Layout;
}

/** Runs in the browser. */
const boxes = `(parts, step) => [...document.querySelectorAll(parts)]
  .filter((part) => part.checkVisibility())
  .map((part) => [part, part.getBoundingClientRect()])
  .filter(([, { width }]) => width > 0)
  .sort(([, a], [, b]) => Math.round(a.top) - Math.round(b.top) || a.left - b.left)
  .map(([part, { left, width }]) => {
    const name = [part.nodeName.toLowerCase(), part.className.baseVal ?? part.className].filter(Boolean).join(" ");
    return name + " at " + Math.round(left / step) * step + ", " + Math.round(width / step) * step + " wide";
  })`;

const FILE = fileURLToPath(new URL("../../docs/pictures/page-layouts.json", import.meta.url));

type Layouts = Readonly<Partial<Record<ViewName, Layout>>>;

/** As the pictures of the documents show it. */
export async function documentLayout(name: ViewName): Promise<Layout> {
  return ((JSON.parse(await readFile(FILE, "utf8")) as Layouts)[name] ?? []) as Layout;
}

export async function writeLayouts(layouts: Layouts): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(layouts, undefined, 2)}\n`);
}
