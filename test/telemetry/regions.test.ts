/** The region of STS that answers, wherever the sidecar tells of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runningFindings } from "../../src/commands/doctor/running.ts";
import { statusJson } from "../../src/status/json.ts";
import { statusPage } from "../../src/status/page.ts";
import { parseStatus } from "../../src/status/parse-status.ts";
import { statusOf } from "../../src/status/status.ts";
import { summaryOf } from "../../src/status/summary.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { UpstreamFactsSeen } from "../../src/telemetry/upstream-facts.ts";
import { HOUR } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { StsAnswer } from "../../src/upstream/sts-regions.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { get, serveForTest } from "../support/served.ts";
import { cachedState, failing, identityInput, statusInput } from "../support/states.ts";
import { fakeCredentials, upstreamOf } from "../support/upstreams.ts";

const HOME = "eu-west-1";
const AWAY = { region: "eu-central-1", home: HOME };
const homeFailure = new UpstreamFailure("unreachable", "upstream cannot be reached (ENOTFOUND)", {
  upstreamCode: "ENOTFOUND",
});
const atHome: StsAnswer = { region: HOME, home: HOME, homeFailure: undefined };
const away: StsAnswer = { ...AWAY, homeFailure };

function factsAfter(...answers: readonly StsAnswer[]) {
  const seen = new UpstreamFactsSeen();
  seen.onClockOffset("default", 1_000);
  for (const answer of answers) seen.onStsAnswer("default", answer);
  return seen.of("default");
}

const statusAfter = (answer: StsAnswer, { fails = false } = {}) => {
  const cached = cachedState(HOUR, { sts: { region: answer.region, home: answer.home } });
  const cache = fails ? failing(cached, "upstream did not answer in time", "timeout") : cached;
  return statusOf(statusInput({}, { identities: [identityInput("default", cache, { facts: factsAfter(answer) })] }));
};

const SENTENCE =
  "default: STS in eu-west-1 does not answer (upstream cannot be reached (ENOTFOUND)); eu-central-1 answers in its place, so applications notice nothing.";

test("the log warns of each answer of a fallback, and says once that the first region answers again", () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog("info", { write: (line) => void lines.push(JSON.parse(line)) }, () => EPOCH);
  for (const answer of [atHome, away, away, atHome, atHome]) log.onStsAnswer?.("default", answer);
  const said = lines.map(({ code, level, identity, region, firstRegion, class: kind, reason, upstreamCode }) =>
    code === "FallbackRegion"
      ? [code, level, identity, region, firstRegion, kind, reason, upstreamCode]
      : [code, level, identity, region],
  );
  const warning = [
    "FallbackRegion",
    "warn",
    "default",
    "eu-central-1",
    HOME,
    "unreachable",
    homeFailure.message,
    "ENOTFOUND",
  ];
  assert.deepEqual(said, [warning, warning, ["FirstRegionAgain", "info", "default", HOME]]);
});

test("the facts have a fallback while it is the last that answered", () => {
  assert.deepEqual(factsAfter(atHome), { clockOffsetMs: 1_000 });
  const { message, remedy } = homeFailure;
  assert.deepEqual(factsAfter(atHome, away), { clockOffsetMs: 1_000, fallback: { ...AWAY, message, remedy } });
  assert.deepEqual(factsAfter(away, atHome), { clockOffsetMs: 1_000 });
});

test("/status has the region and the fallback's reason, and doctor reads both from it", () => {
  const document = JSON.parse(JSON.stringify(statusJson(statusAfter(away))));
  const { message, remedy } = homeFailure;
  assert.deepEqual(
    [document.identities[0].sts, document.identities[0].fallbackRegion],
    [AWAY, { ...AWAY, message, remedy }],
  );
  const [identity] = parseStatus(document)?.identities ?? [];
  assert.deepEqual([identity?.cached?.sts, identity?.facts.fallback?.region], [AWAY, "eu-central-1"]);
});

test("the summary says which region answers in the place of which, with the remedy of the first one's failure", () => {
  const [worst, ...others] = summaryOf(statusAfter(away));
  assert.deepEqual([worst, others], [{ state: "fallback-region", sentence: SENTENCE, remedy: homeFailure.remedy }, []]);
  assert.equal(summaryOf(statusAfter(atHome))[0].state, "well");
  assert.equal(summaryOf(statusAfter(away, { fails: true }))[0].state, "outage", "when no region answers any more");
});

test("doctor takes an answering fallback for advice, because applications get credentials", () => {
  const found = runningFindings(statusAfter(away)).filter(({ code }) => code === "fallback-region");
  assert.deepEqual(
    found.map(({ severity, text }) => [severity, text]),
    [["advice", SENTENCE]],
  );
});

test("the page shows the region that answered", () => {
  assert.match(statusPage(statusAfter(atHome)), /<dt>STS answered in<\/dt><dd>eu-west-1<\/dd>/);
  assert.match(
    statusPage(statusAfter(away)),
    /<dt>STS answered in<\/dt><dd>eu-central-1, in the place of eu-west-1<\/dd>/,
  );
});

test("the metric has the region of the cached credentials, and whether it is a fallback, and no earlier one", async (t) => {
  const edge = fakeEdge();
  const answers = [AWAY, { region: HOME, home: HOME }];
  const upstream = upstreamOf((call) => fakeCredentials(edge.clock.now() + HOUR, { sts: answers[call - 1] ?? AWAY }));
  const served = await serveForTest({ edge, upstreams: { default: upstream } });
  t.after(() => served.close());
  const series = async () => {
    const { text } = await get(`${served.adminUrl}/metrics`);
    return text.split("\n").filter((line) => line.startsWith("credential_sidecar_sts_region_info{"));
  };
  await edge.clock.advance(0);
  const named = (region: string, fallback: boolean) =>
    `credential_sidecar_sts_region_info{identity="default",region="${region}",fallback="${fallback}"} 1`;
  assert.deepEqual(await series(), [named("eu-central-1", true)]);
  await edge.clock.advance(HOUR / 2);
  assert.deepEqual(await series(), [named(HOME, false)]);
});
