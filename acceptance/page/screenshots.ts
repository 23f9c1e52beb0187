/**
 * Pictures of the page. `node acceptance/page/screenshots.ts --update` draws those of the documents anew
 * (`docs/pictures/page-*.png`); with a folder instead it puts every view there in light and dark, wide and narrow.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, type OpenBrowser } from "./browser.ts";
import { type Layout, layoutOf, writeLayouts } from "./layout.ts";
import type { PageState } from "./page-states.ts";
import { openView, openViewState, schemes, type ViewName, viewNames, widths } from "./views.ts";

interface Picture {
  readonly width: number;
  readonly scheme: (typeof schemes)[number];
}

/** How the documents show it. */
export const forDocuments: Picture = { width: widths.desktop, scheme: "light" };

export const documentPicture = (name: ViewName): string =>
  fileURLToPath(new URL(`../../docs/pictures/page-${name}.png`, import.meta.url));

/** The whole page as a PNG. */
export async function take(
  browser: OpenBrowser,
  name: ViewName,
  state: PageState,
  { width, scheme }: Picture,
  path?: string,
): Promise<Buffer> {
  const viewport = { width, height: 700 };
  const { page, context } = await openView(browser, name, state, { viewport, colorScheme: scheme });
  const picture = await page.screenshot({ fullPage: true, ...(path === undefined ? {} : { path }) });
  await context.close();
  return picture;
}

/** Where its parts stand in the picture of the documents; `style` is added to the page first. */
export async function takeLayout(browser: OpenBrowser, name: ViewName, state: PageState, style = ""): Promise<Layout> {
  const viewport = { width: forDocuments.width, height: 700 };
  const { page, context } = await openView(browser, name, state, { viewport, bypassCSP: true });
  if (style !== "") await page.addStyleTag({ content: style });
  const layout = await layoutOf(page);
  await context.close();
  return layout;
}

async function main(to: string | undefined): Promise<void> {
  if (to === undefined) throw new Error("screenshots.ts --update, or a folder");
  if (to !== "--update") await mkdir(to, { recursive: true });
  const browser = await launch();
  const layouts: Partial<Record<ViewName, Layout>> = {};
  for (const name of viewNames) {
    const state = await openViewState(name);
    if (to === "--update") {
      await take(browser, name, state, forDocuments, documentPicture(name));
      layouts[name] = await takeLayout(browser, name, state);
    } else await takeAll(browser, name, state, to);
    await state.close();
  }
  if (to === "--update") await writeLayouts(layouts);
  await browser.close();
}

async function takeAll(browser: OpenBrowser, name: ViewName, state: PageState, folder: string): Promise<void> {
  for (const [kind, width] of Object.entries(widths)) {
    for (const scheme of schemes) {
      await take(browser, name, state, { width, scheme }, join(folder, `${name}-${kind}-${scheme}.png`));
    }
  }
}

if (import.meta.main) await main(process.argv[2]);
