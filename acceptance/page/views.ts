/** What a person may see: the page of a sidecar in each state, and one whose sidecar has gone. */
import type { BrowserContextOptions } from "playwright-core";
import type { OpenBrowser, Opened } from "./browser.ts";
import { openPageState, type PageState, type PageStateName, pageStateNames } from "./page-states.ts";

export const widths = { desktop: 1_000, phone: 390 } as const;
export const schemes = ["light", "dark"] as const;

/** As far as the page's script lets time pass between two looks. */
export const EVERY_MS = 5_000;

export const viewNames = [...pageStateNames, "dead"] as const;
export type ViewName = (typeof viewNames)[number];

/** The state whose page is looked at: a sidecar that has gone was well before. */
export function stateOfView(name: ViewName): PageStateName {
  return name === "dead" ? "well" : name;
}

export async function openViewState(name: ViewName): Promise<PageState> {
  return await openPageState(stateOfView(name));
}

export async function openView(
  browser: OpenBrowser,
  name: ViewName,
  { served }: PageState,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  if (name !== "dead") return await browser.open(served.adminUrl, options);
  const opened = await browser.open("about:blank", options);
  const { page } = opened;
  await page.clock.install();
  await page.goto(served.adminUrl);
  await page.route("**/*", (route) => route.abort());
  await page.clock.runFor(EVERY_MS);
  await page.locator("#stale").waitFor({ state: "visible" });
  return opened;
}
