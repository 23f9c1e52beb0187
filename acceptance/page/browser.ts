/** Chromium as Debian ships it, with a profile of its own that is gone afterwards. */
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";

/** It must not ask the network for anything. */
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface OpenBrowser {
  readonly open: (url: string, options?: BrowserContextOptions) => Promise<Opened>;
  readonly close: () => Promise<void>;
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console said that is wrong, a breach of the page's own policy among it. */
  readonly complaints: readonly string[];
}

export async function launch(): Promise<OpenBrowser> {
  await access(PROGRAM, constants.X_OK).catch(() => {
    throw new Error(`${PROGRAM} is missing: run acceptance/page/install.sh, which installs Debian's package chromium`);
  });
  const home = await mkdtemp(join(tmpdir(), "page-chromium-"));
  const browser = await chromium.launch({
    executablePath: PROGRAM,
    args: ARGS,
    env: { HOME: home, PATH: process.env.PATH ?? "" },
  });
  return {
    async open(url, options = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("requestfailed", (request) => complaints.push(`${request.url()} failed`));
      await page.goto(url);
      return { page, context, complaints };
    },
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
