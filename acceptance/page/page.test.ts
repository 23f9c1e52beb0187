/** The page in a real Chromium, over a real sidecar in every state. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { launch, type OpenBrowser } from "./browser.ts";
import { documentLayout } from "./layout.ts";
import { heads, openPageState, type PageState } from "./page-states.ts";
import { differences } from "./picture-differences.ts";
import { documentPicture, forDocuments, take, takeLayout } from "./screenshots.ts";
import { EVERY_MS, openView, openViewState, schemes, type ViewName, viewNames, widths } from "./views.ts";

let browser: OpenBrowser;
const pageStates = new Map<ViewName, PageState>();

before(async () => {
  browser = await launch();
  for (const name of viewNames) pageStates.set(name, await openViewState(name));
});

after(async () => {
  for (const state of pageStates.values()) await state.close();
  await browser?.close();
});

function stateOf(name: ViewName): PageState {
  return pageStates.get(name) ?? assert.fail(`the page state ${name} is not open`);
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

const sentences: Readonly<Record<ViewName, RegExp>> = {
  well: /^No problems found\.$/,
  storm: /^boto3 or another Python program \(python-urllib3\) reads credentials again at every use/,
  outage: /cannot be reached.*Applications are served from memory; they will get errors at/,
  expired: /the credentials expired at 00:59:00 UTC, so applications get errors/,
  cold: /there are no credentials yet, so applications get errors/,
  "many-identities": /^billing: .*denied/,
  "many-clients": /^No problems found\.$/,
  dead: /^orders-7f9c8d6b5-x2x4z no longer answers/,
};

for (const name of viewNames) {
  test(`says in the first sentence what is the matter when it is ${name}, on the first screen of a phone`, async () => {
    const viewport = { width: widths.phone, height: 640 };
    const { page, context } = await openView(browser, name, stateOf(name), { viewport });
    const heading = page.locator(name === "dead" ? "#stale .first" : "h1");
    assert.match((await heading.innerText()).trim(), sentences[name]);
    const box = (await heading.boundingBox()) ?? assert.fail("it is not shown");
    assert.ok(box.y >= 0 && box.y + box.height <= 640, "one need not scroll for it");
    await context.close();
  });

  for (const scheme of schemes) {
    for (const [kind, width] of Object.entries(widths)) {
      test(`shows ${name} in ${scheme} on a ${kind}, accessible, without a scroll bar or a complaint`, async () => {
        const viewport = { width, height: 700 };
        const opened = await openView(browser, name, stateOf(name), { viewport, colorScheme: scheme });
        const { page, context, complaints } = opened;
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(Number(wide) <= width, `${wide} px on ${width}`);
        assert.deepEqual(await violationsOf(page), []);
        if (name !== "dead") assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }

  test(`looks like its picture in the documents when it is ${name}, whatever the fonts`, async () => {
    const [shown, drawn] = [
      await take(browser, name, stateOf(name), forDocuments),
      await readFile(documentPicture(name)),
    ];
    assert.deepEqual(
      await differences(browser, shown, drawn),
      [],
      "if it should: screenshots.ts --update, and look at it",
    );
  });

  test(`has its parts where the picture in the documents has them when it is ${name}, whatever the fonts`, async () => {
    const drawn = await documentLayout(name);
    assert.ok(drawn.length > 0);
    assert.deepEqual(await takeLayout(browser, name, stateOf(name)), drawn);
    assert.deepEqual(await takeLayout(browser, name, stateOf(name), "* { font-family: serif !important }"), drawn);
  });

  test(`is as complete without scripts when it is ${name}`, async () => {
    const { adminUrl } = stateOf(name).served;
    const withScripts = await browser.open(adminUrl);
    const without = await browser.open(adminUrl, { javaScriptEnabled: false });
    const [shown, plain] = await Promise.all(
      [withScripts, without].map(({ page }) => page.locator("main").innerText()),
    );
    assert.equal(plain?.trim(), shown?.replaceAll(/ ?\bCopy$/gm, "").trim());
    assert.match(await without.page.locator("footer").innerText(), /Scripts are off: reload the page/);
    await Promise.all([withScripts.context.close(), without.context.close()]);
  });
}

test("tells the line to write in the incident", async () => {
  const { page, context } = await browser.open(stateOf("storm").served.adminUrl);
  assert.equal(await page.locator("main .headline code").innerText(), "SIDECAR_CLIENT=botocore-1");
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
  await page.getByRole("heading", { name: "boto3 or another Python program" }).waitFor();
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

test("turns grey, headline and tab too, and says so when the sidecar no longer responds", async () => {
  const state = await openPageState("well");
  const { page, context, pass } = await openMarked(state);
  assert.equal(await page.locator("#stale").isVisible(), false);
  const icon = () => page.locator("link[rel=icon]").getAttribute("href");
  const before = await icon();
  await state.close();
  await pass();
  await page.locator("#stale").waitFor({ state: "visible" });
  assert.equal(await page.title(), "NO ANSWER · orders-7f9c8d6b5-x2x4z");
  assert.notEqual(await icon(), before);
  assert.match(String(await page.evaluate(`getComputedStyle(document.querySelector("main")).filter`)), /grayscale/);
  const said = `getComputedStyle(document.querySelector("h1"), "::before").content`;
  assert.equal(await page.evaluate(said), '"Before: "', "what was known stays, but not as if it were true now");
  await context.close();
});

test("comes back to life with the sidecar", async () => {
  const { page, context } = await openView(browser, "dead", stateOf("dead"));
  await page.unroute("**/*");
  await page.clock.runFor(EVERY_MS);
  await page.locator("#stale").waitFor({ state: "hidden" });
  assert.match(await page.title(), /^OK · /);
  await context.close();
});

test("copies the line to write with a button", async () => {
  const { page, context, complaints } = await browser.open(stateOf("storm").served.adminUrl, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate("navigator.clipboard.readText()"), "SIDECAR_CLIENT=botocore-1");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("selects and copies the line where the browser gives a page no clipboard", async () => {
  const { page, context } = await browser.open(stateOf("storm").served.adminUrl);
  await page.evaluate("delete Navigator.prototype.clipboard");
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: /Copied|Select it/ }).waitFor();
  assert.equal(await page.evaluate("String(getSelection())"), "SIDECAR_CLIENT=botocore-1");
  await context.close();
});

test("folds what is well among many, and leaves open what a person has opened", async () => {
  const state = await openPageState("many-identities");
  const { page, context, pass } = await openMarked(state);
  const opened = () => page.locator("details.card[open] h2").allInnerTexts();
  assert.deepEqual(await opened(), ["billing"]);
  await page.getByRole("heading", { name: "reports" }).click();
  await state.read({ ...heads.goV1, path: "/v1/credentials/reports" });
  await pass();
  await page.getByRole("heading", { name: "AWS SDK for Go 1" }).waitFor();
  assert.deepEqual(await opened(), ["billing", "reports"]);
  await context.close();
  await state.close();
});

test("shows five calm clients of many, and the others on demand", async () => {
  const { page, context } = await browser.open(stateOf("many-clients").served.adminUrl, { javaScriptEnabled: false });
  const visible = page.locator(".client").filter({ visible: true });
  assert.equal(await visible.count(), 5);
  await page.getByText("27 more calm clients").click();
  assert.equal(await visible.count(), 32);
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

test("the comparison of pictures tells a well page from every other", async () => {
  const well = await readFile(documentPicture("well"));
  for (const name of viewNames.filter((other) => other !== "well")) {
    assert.notDeepEqual(await differences(browser, well, await readFile(documentPicture(name))), [], name);
  }
});

test("the comparison of pictures forgives another font", async () => {
  const options = { viewport: { width: widths.desktop, height: 700 }, bypassCSP: true };
  const { page, context } = await openView(browser, "outage", stateOf("outage"), options);
  await page.addStyleTag({ content: "* { font-family: serif !important }" });
  const shown = await page.screenshot({ fullPage: true });
  assert.deepEqual(await differences(browser, shown, await readFile(documentPicture("outage"))), []);
  await context.close();
});

for (const [moved, style] of [
  ["a bar that is somewhere else", ".bar { margin-left: 40px }"],
  ["columns that change places", ".row { grid-template-columns: minmax(0, 1fr) 13rem }"],
  ["rows in another order", ".row .name { order: 2 }"],
  ["a card that is narrower", ".card { width: 80% }"],
] as const) {
  test(`the comparison of layouts sees ${moved}`, async () => {
    assert.notDeepEqual(await takeLayout(browser, "storm", stateOf("storm"), style), await documentLayout("storm"));
  });
}
