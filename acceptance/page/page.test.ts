/** The page in a real Chromium, over a real sidecar in each of the four states. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { launch, type OpenBrowser } from "./browser.ts";
import { heads, openPageState, type PageState, type PageStateName, pageStateNames } from "./page-states.ts";
import { schemes, widths } from "./screenshots.ts";

/** As far as the script lets time pass between two looks. */
const EVERY_MS = 5_000;

let browser: OpenBrowser;
let folder: string;
const pageStates = new Map<PageStateName, PageState>();

before(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "page-"));
  for (const name of pageStateNames) pageStates.set(name, await openPageState(name));
});

after(async () => {
  for (const state of pageStates.values()) await state.close();
  await browser?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

function stateOf(name: PageStateName): PageState {
  return pageStates.get(name) ?? assert.fail(`the page state ${name} is not open`);
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

const sentences: Readonly<Record<PageStateName, RegExp>> = {
  well: /^No problems found\.$/,
  storm: /^python-urllib3 reads credentials again at every use/,
  outage: /cannot be reached.*Applications are served from memory; they will get errors at/,
  cold: /there are no credentials yet, so applications get errors/,
};

for (const name of pageStateNames) {
  test(`says in the first sentence what is the matter when it is ${name}, on the first screen of a phone`, async () => {
    const { page, context } = await browser.open(stateOf(name).served.adminUrl, {
      viewport: { width: widths.phone, height: 640 },
    });
    const heading = page.locator("h1");
    assert.match((await heading.innerText()).trim(), sentences[name]);
    const box = (await heading.boundingBox()) ?? assert.fail("it is not shown");
    assert.ok(box.y >= 0 && box.y + box.height <= 640, "one need not scroll for it");
    await context.close();
  });

  for (const scheme of schemes) {
    for (const [kind, width] of Object.entries(widths)) {
      test(`shows ${name} in ${scheme} on a ${kind}, accessible, without a scroll bar or a complaint`, async () => {
        const { page, context, complaints } = await browser.open(stateOf(name).served.adminUrl, {
          viewport: { width, height: 700 },
          colorScheme: scheme,
        });
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(Number(wide) <= width, `${wide} px on ${width}`);
        assert.deepEqual(await violationsOf(page), []);
        assert.deepEqual(complaints, []);
        const path = join(folder, `${name}-${kind}-${scheme}.png`);
        const picture = await page.screenshot({ path, fullPage: true });
        assert.equal(picture.readUInt32BE(16), width, "the picture is as wide as the screen");
        await context.close();
      });
    }
  }

  test(`is as complete without scripts when it is ${name}`, async () => {
    const { adminUrl } = stateOf(name).served;
    const withScripts = await browser.open(adminUrl);
    const without = await browser.open(adminUrl, { javaScriptEnabled: false });
    assert.equal(await without.page.locator("main").innerText(), await withScripts.page.locator("main").innerText());
    assert.match(await without.page.locator("footer").innerText(), /Scripts are off: reload the page/);
    await Promise.all([withScripts.context.close(), without.context.close()]);
  });
}

test("tells the line to write in the incident", async () => {
  const { page, context } = await browser.open(stateOf("storm").served.adminUrl);
  assert.equal(await page.locator(".headline code").innerText(), "SIDECAR_CLIENT=botocore-1");
  await context.close();
});

/** A page whose timers are the test's; what was there before the refresh is marked. */
async function openMarked(state: PageState) {
  const opened = await browser.open("about:blank", { viewport: { width: 800, height: 400 } });
  await opened.page.clock.install();
  await opened.page.goto(state.served.adminUrl);
  await opened.page.evaluate(`document.querySelector("h2").marked = true`);
  return { ...opened, pass: () => opened.page.clock.runFor(EVERY_MS) };
}

test("refreshes itself, and leaves focus, scroll position and what did not change where they are", async () => {
  const state = await openPageState("well");
  const { page, context, complaints, pass } = await openMarked(state);
  assert.equal(await page.locator(".client").count(), 3);
  await page.locator("footer a").first().focus();
  await page.evaluate("scrollTo(0, 150)");
  await state.read(heads.botocore);
  await pass();
  await page.getByRole("heading", { name: "python-urllib3" }).waitFor();
  assert.equal(await page.locator(".client").count(), 4);
  assert.deepEqual(
    await page.evaluate(`[scrollY, document.activeElement.textContent, document.querySelector("h2").marked]`),
    [150, "The same as JSON", true],
  );
  assert.deepEqual(complaints, []);
  await context.close();
  await state.close();
});

test("changes its sentence, its title and the mark of its tab with the state", async () => {
  const state = await openPageState("storm");
  const { page, context, pass } = await openMarked(state);
  const markOf = () => page.locator("link[rel=icon]").getAttribute("href");
  const before = await markOf();
  await state.edge.clock.advance(120_000);
  await pass();
  await page.getByRole("heading", { name: "No problems found." }).waitFor();
  assert.match(await page.title(), /^OK · /);
  assert.notEqual(await markOf(), before);
  await context.close();
  await state.close();
});

test("turns grey and says so when the sidecar no longer responds", async () => {
  const state = await openPageState("well");
  const { page, context, pass } = await openMarked(state);
  assert.equal(await page.locator("#stale").isVisible(), false);
  await state.close();
  await pass();
  await page.locator("#stale").waitFor({ state: "visible" });
  assert.match(String(await page.evaluate(`getComputedStyle(document.querySelector("main")).filter`)), /grayscale/);
  assert.match(await page.locator("h1").innerText(), /No problems found/, "what was known stays");
  await context.close();
});

test("lets no other script and no other style in", async () => {
  const { page, context, complaints } = await browser.open(stateOf("well").served.adminUrl);
  const entered = await page.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.entered = true";
    document.body.append(script);
    document.body.insertAdjacentHTML("beforeend", '<img src="/x" onerror="globalThis.entered = true">');
    document.querySelector("h1").setAttribute("style", "color: red");
    return [globalThis.entered ?? false, document.querySelector("h1").style.length];
  })()`);
  assert.deepEqual(entered, [false, 0]);
  assert.ok(complaints.some((text) => /Content Security Policy/.test(text)));
  await context.close();
});
