/**
 * Pictures of the four states. `node acceptance/page/screenshots.ts --update` draws those of the documents anew
 * (`docs/page-*.png`); with a folder instead it puts every state there in light and dark, wide and narrow.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, type OpenBrowser } from "./browser.ts";
import { openPageState, type PageState, pageStateNames } from "./page-states.ts";

export const widths = { desktop: 1_000, phone: 360 } as const;
export const schemes = ["light", "dark"] as const;

interface Picture {
  readonly path: string;
  readonly width: number;
  readonly scheme: (typeof schemes)[number];
  /** Down to here; the whole page when not given. */
  readonly height?: number;
}

async function take(browser: OpenBrowser, { served }: PageState, { path, width, scheme, height }: Picture) {
  const viewport = { width, height: height ?? 700 };
  const { page, context } = await browser.open(served.adminUrl, { viewport, colorScheme: scheme });
  await page.screenshot({ path, fullPage: height === undefined });
  await context.close();
}

async function main(to: string | undefined): Promise<void> {
  if (to === undefined) throw new Error("screenshots.ts --update, or a folder");
  const docs = fileURLToPath(new URL("../../docs", import.meta.url));
  const folder = to === "--update" ? docs : to;
  await mkdir(folder, { recursive: true });
  const browser = await launch();
  for (const name of pageStateNames) {
    const state = await openPageState(name);
    if (to === "--update") {
      await take(browser, state, {
        path: join(folder, `page-${name}.png`),
        width: 1_000,
        height: 1_000,
        scheme: "light",
      });
    } else {
      for (const [kind, width] of Object.entries(widths)) {
        for (const scheme of schemes) {
          await take(browser, state, { path: join(folder, `${name}-${kind}-${scheme}.png`), width, scheme });
        }
      }
    }
    await state.close();
  }
  await browser.close();
}

if (import.meta.main) await main(process.argv[2]);
