/** The scenarios of test/scenarios, each run with the real credential cache and the real reads; see the README there. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { readDuration, readScenarios, showDuration } from "./support/scenario-format.ts";
import { ScenarioRun } from "./support/scenario-run.ts";

const folder = new URL("./scenarios/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

for (const file of files) {
  suite(file.replace(".json", "").replaceAll("-", " "), () => {
    for (const scenario of readScenarios(JSON.parse(readFileSync(new URL(file, folder), "utf8")))) {
      test(scenario.name, async () => await new ScenarioRun(scenario.given).perform(scenario));
    }
  });
}

suite("a scenario that says less than it seems to is refused", () => {
  const read = { read: "/v1/credentials", expected: { status: 200, credentials: "first", reported: "59m" } };
  const refused: readonly (readonly [why: string, scenario: Readonly<Record<string, unknown>>, says: RegExp])[] = [
    ["an unknown key beside the steps", { expects: {} }, /means nothing: expects/],
    ["an unknown setting", { given: { lifetimes: "1h" } }, /means nothing: lifetimes/],
    ["an unknown action", { steps: [{ wait: "1h" }] }, /means nothing: wait/],
    ["a step that does nothing", { steps: [{ expected: { calls: 0 } }] }, /must do one thing/],
    ["a step that does two things", { steps: [{ ...read, advance: "1h" }] }, /must do one thing/],
    ["a read that expects nothing", { steps: [{ read: "/v1/credentials" }] }, /needs an expectation/],
    [
      "a read that neither waits nor is answered",
      { steps: [{ ...read, expected: { calls: 1 } }] },
      /waits or is answered/,
    ],
    [
      "an unknown expectation",
      { steps: [{ ...read, expected: { status: 200, reports: "1h" } }] },
      /means nothing: reports/,
    ],
    ["a status for a step that is no read", { steps: [{ advance: "1h", expected: { status: 200 } }] }, /means nothing/],
    [
      "an outcome without the next call",
      { steps: [{ advance: "1h", expected: { outcome: "timeout" } }] },
      /go together/,
    ],
    ["an unknown field of an answer", { steps: [{ "upstream answers": { credentials: "a", life: "1h" } }] }, /life/],
    ["an unknown field of an error", { steps: [{ "upstream fails": { nam: "AccessDenied" } }] }, /nam/],
  ];
  for (const [why, part, says] of refused) {
    test(why, () => {
      const scenario = { name: "fake", given: {}, steps: [read], ...part };
      assert.throws(() => readScenarios({ about: "", scenarios: [scenario] }), says);
    });
  }

  const failing: readonly (readonly [why: string, steps: readonly object[], says: RegExp])[] = [
    ["another answer than expected", [{ ...read, expected: { ...read.expected, reported: "58m" } }], /reported: '59m'/],
    ["a call that nobody mentions", [{ advance: "30m" }], /calls: 1/],
    [
      "an outcome that nobody mentions",
      [{ advance: "30m", expected: { calls: 1 } }, { "upstream fails": {} }],
      /malformed/,
    ],
    [
      "an answer when no call is in flight",
      [{ "upstream answers": { credentials: "b", lifetime: "1h" } }],
      /in flight/,
    ],
    ["a late answer when no call was given up", [{ "late answer": { credentials: "b", lifetime: "1h" } }], /given up/],
    [
      "credentials without a lifetime",
      [{ advance: "30m", expected: { calls: 1 } }, { "upstream answers": { credentials: "b" } }],
      /needs a lifetime/,
    ],
    ["a duration that is none", [{ advance: "30 minutes" }], /no duration/],
    ["a jump in no direction", [{ jump: "30m" }], /no jump/],
    ["a path where no credentials are", [{ ...read, read: "/v1/credential" }], /no credentials are read/],
    [
      "a read that still waits at the end",
      [{ jump: "2h ahead" }, { ...read, expected: { waits: true, calls: 1 } }],
      /still waits/,
    ],
  ];
  for (const [why, steps, says] of failing) {
    test(`${why}, when it is run`, async () => {
      const file = { about: "", scenarios: [{ name: "fake", given: { lifetime: "1h" }, steps }] };
      const [scenario = assert.fail()] = readScenarios(file);
      await assert.rejects(new ScenarioRun(scenario.given).perform(scenario), says);
    });
  }
});

for (const [text, ms] of [
  ["0s", 0],
  ["199.8ms", 199.8],
  ["58m59s200ms", 3_539_200],
  ["12h", 43_200_000],
] as const) {
  test(`a scenario's ${text} is ${ms} ms, both ways`, () => {
    assert.equal(readDuration(text), ms);
    assert.equal(showDuration(ms), text);
  });
}
