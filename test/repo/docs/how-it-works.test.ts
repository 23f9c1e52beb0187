/** What docs/how-it-works.md says is what src/policy does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { headroomChart, paddingChart, stormChart } from "../../../scripts/generated/pictures.ts";
import type { Mark } from "../../../scripts/generated/svg.ts";
import { findClient, LARGEST_ADVISORY_SECONDS } from "../../../src/policy/clients.ts";
import { leastRemainingMs, refreshAt, retryUnchangedAt } from "../../../src/policy/refresh-schedule.ts";
import { honestRemainingMs, reportedExpiration } from "../../../src/policy/reported-expiration.ts";
import { durationBetween } from "../../../src/settings/values.ts";
import { formatDuration, HOUR, MINUTE, SECOND } from "../../../src/time.ts";
import { timeBetween } from "../../support/arbitraries.ts";
import { createCache } from "../../support/credential-cache.ts";
import { EPOCH, FakeClock } from "../../support/fake-clock.ts";
import { textOf } from "../../support/monitoring.ts";
import { runs } from "../../support/properties.ts";
import { SimulatedUpstream } from "../../support/simulated-upstream.ts";
import { fakeCredentials } from "../../support/upstreams.ts";

const MINIMUM_LIFETIME_MS = 25 * MINUTE;
const MARGIN_MS = MINUTE;
/** Chance brings a refresh forward; what it draws here does not. */
const LATEST = 0;

const page = textOf("docs/how-it-works.md");
const says = (words: string) =>
  assert.ok(page.replaceAll(/\s+/g, " ").includes(words), `the page does not say: ${words}`);

/** The cells of each row of the table whose head begins so. */
function rowsOf(head: string): readonly (readonly string[])[] {
  const lines = page.slice(page.indexOf(`| ${head}`)).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The formulas as the page has them; times in ms. */
const refreshDelay = (length: number, minimumLifetimeMs: number) =>
  Math.min(Math.max(length - Math.max(length / 2, minimumLifetimeMs), length / 3), 6 * HOUR);
const survivedAtLeast = (length: number, minimumLifetimeMs: number, marginMs: number) =>
  length - refreshDelay(length, minimumLifetimeMs) - marginMs;

test("an outage is survived for as long as the formula says, whatever session, minimum lifetime, margin and chance", () => {
  const given = fc.record({
    length: timeBetween(MINUTE, 12 * HOUR),
    minimumLifetimeMs: timeBetween(MINUTE, 6 * HOUR),
    marginMs: timeBetween(10 * SECOND, 5 * MINUTE),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    begins: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const property = fc.property(given, ({ length, minimumLifetimeMs, marginMs, chance, begins }) => {
    const credentials = fakeCredentials(EPOCH + length);
    const refresh = refreshAt({
      credentials,
      obtainedAt: EPOCH,
      minimumLifetimeMs,
      spread: "wide",
      random: () => chance,
    });
    const survived = honestRemainingMs(credentials, EPOCH + begins * (refresh - EPOCH), marginMs);
    const least = survivedAtLeast(length, minimumLifetimeMs, marginMs);
    // Reports are whole seconds.
    assert.ok(survived > least - SECOND, `${survived} < ${least}`);
    assert.ok(survived <= length - marginMs);
    const latest = refreshAt({
      credentials,
      obtainedAt: EPOCH,
      minimumLifetimeMs,
      spread: "wide",
      random: () => LATEST,
    });
    assert.ok(Math.abs(honestRemainingMs(credentials, latest, marginMs) - least) < SECOND, "and no longer, at worst");
  });
  fc.assert(property, runs(1_000));
});

test("the least that is left while upstream answers is what the page says", () => {
  for (const length of [15 * MINUTE, 40 * MINUTE, HOUR, 12 * HOUR]) {
    const said = length - refreshDelay(length, MINIMUM_LIFETIME_MS);
    assert.ok(Math.abs(leastRemainingMs(length, MINIMUM_LIFETIME_MS) - said) < 1);
  }
  says("At one hour that is 30 minutes");
  assert.equal(Math.round(leastRemainingMs(HOUR, MINIMUM_LIFETIME_MS)), 30 * MINUTE);
  says("The largest advisory window of all clients is that of s3fs, 20 minutes");
  assert.deepEqual([findClient("s3fs")?.container.advisorySeconds, LARGEST_ADVISORY_SECONDS], [20 * 60, 20 * 60]);
});

test("an upstream that returned the same session is called again when this page and docs/operations.md say", () => {
  const askedAfter = (left: number) => retryUnchangedAt(EPOCH, fakeCredentials(EPOCH + left), () => LATEST) - EPOCH;
  assert.deepEqual([askedAfter(HOUR), askedAfter(2 * MINUTE)], [20 * MINUTE, MINUTE]);
  says("next refresh is due after a third of the lifetime left, at least a minute");
  const operations = textOf("docs/operations.md").replaceAll(/\s+/g, " ");
  assert.match(operations, /The next refresh is due after a third of the lifetime left, at least a minute\./);
});

const read = (text: string): number => {
  const found = durationBetween(0, 24 * HOUR).read(text);
  return found.kind === "ok" ? found.value : assert.fail(`no duration: ${text}`);
};

const table = rowsOf("session *L*");

for (const [length = "", refresh, least = "", most] of table) {
  test(`a session of ${length} survives an outage of ${least} to ${most}`, () => {
    const delay = refreshDelay(read(length), MINIMUM_LIFETIME_MS);
    assert.equal(refresh, formatDuration(delay));
    assert.equal(least, formatDuration(Math.round(survivedAtLeast(read(length), MINIMUM_LIFETIME_MS, MARGIN_MS))));
    assert.equal(most, formatDuration(read(length) - MARGIN_MS));
  });

  test(`the credential cache serves a session of ${length} for ${least} into an outage that begins just before its late refresh`, async (t) => {
    const clock = new FakeClock();
    const upstream = new SimulatedUpstream(clock);
    upstream.behaviour = { kind: "issues", lifetime: read(length) };
    const { cache } = createCache({ clock, upstream, random: () => LATEST });
    t.after(() => cache.stop());
    cache.start();
    await clock.advance(0);
    upstream.behaviour = { kind: "fails", failure: "unavailable" };
    while (upstream.calls.length < 2) await clock.advance(SECOND);
    const began = upstream.calls[1] ?? assert.fail("upstream is asked again");
    while (cache.current() !== undefined) await clock.advance(SECOND);
    assert.ok(Math.abs(clock.now() - began - read(least)) <= SECOND);
  });
}

test("the table of survival has rows from the shortest session to the longest", () => {
  assert.deepEqual([table[0]?.[0], table.at(-1)?.[0]], ["15m", "12h"]);
});

for (const [name = "", advisorySeconds, mandatorySeconds, reported] of rowsOf("client ")) {
  test(`a new 15-minute session is reported to ${name} as ${reported} minutes`, () => {
    const client = findClient(name.replaceAll("`", "")) ?? assert.fail(`no such client: ${name}`);
    const windows = client.container;
    assert.deepEqual(
      [advisorySeconds, mandatorySeconds],
      [windows.advisorySeconds / 60, windows.mandatorySeconds / 60].map(String),
    );
    const credentials = fakeCredentials(EPOCH + 15 * MINUTE);
    const policy = { marginMs: MARGIN_MS, padding: true };
    const expiration = reportedExpiration({ credentials, now: EPOCH, windows, policy }) ?? assert.fail();
    assert.equal(reported, String((expiration - EPOCH) / MINUTE));
  });
}

const readsIn = ({ marks }: { readonly marks: readonly Mark[] }): readonly number[] =>
  marks.find((mark) => mark.kind === "reads")?.at ?? assert.fail("the picture shows no reads");

test("the pictures show what the page says of them", () => {
  assert.equal(readsIn(stormChart()).length, 90, "every use of half an hour");
  assert.ok(readsIn(headroomChart()).length <= 4);
  says("reads twice in 25 minutes");
  assert.equal(readsIn(paddingChart()).length, 2);
  const moments = paddingChart().marks.flatMap((mark) => (mark.kind === "moment" ? [mark.t] : []));
  says("In the picture that is minute 24");
  assert.ok(moments.includes(24));
});

for (const name of ["storm", "headroom", "padding"]) {
  test(`the picture of the ${name} says in words what it shows, and has colours for light and dark`, () => {
    const svg = textOf(`docs/pictures/${name}.svg`);
    assert.match(
      svg,
      /^<svg [^>]*role="img" aria-labelledby="title desc">\n<title id="title">.{20,}<\/title>\n<desc id="desc">.{100,}<\/desc>/,
    );
    assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
    const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(svg) ?? [];
    const used = [...svg.matchAll(/ class="([^"]+)"/g)].flatMap(([, names = ""]) => names.split(" "));
    assert.deepEqual(
      used.filter((name) => !style.includes(`.${name} {`) && !style.includes(`.${name},`)),
      [],
      "every class has a rule",
    );
    const lines = [...svg.matchAll(/<polyline [^>]*class="(\w+)"/g)].map(([, name]) => name);
    assert.ok(
      lines.every((name) => new RegExp(`\\.${name}[^{]*{ fill: none`).test(style)),
      "no line is filled",
    );
    assert.ok(page.includes(`](pictures/${name}.svg)`));
  });
}
