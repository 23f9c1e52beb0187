/** docs/operations.md explains every message, alert and code that the program and its rules can say. */
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { suite, test } from "node:test";
import { type Outage, retryDelayMs } from "../../../src/policy/retry-schedule.ts";
import { refusalReasons } from "../../../src/refusals.ts";
import { messages } from "../../../src/telemetry/messages.ts";
import { MINUTE, SECOND } from "../../../src/time.ts";
import { failureKinds } from "../../../src/upstream/failure.ts";
import { alerts, textOf } from "../../support/monitoring.ts";

const operations = textOf("docs/operations.md");

/** The text under each heading of the third level. */
const sections: ReadonlyMap<string, string> = new Map(
  operations
    .split(/^### /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n")).split(/^## /m)[0] ?? ""]),
);

const sectionOf = (heading: string): string => sections.get(heading) ?? assert.fail(`no heading ${heading}`);

/** What somebody must act on has all three. */
function assertActionable(heading: string): void {
  const section = sectionOf(heading);
  for (const part of ["**Symptom.**", "**Cause.**", "**Command.**", "```sh\n"]) {
    assert.ok(section.includes(part), `${heading} has no ${part}`);
  }
}

suite("Every message of the log has a heading", () => {
  for (const [code, { level }] of Object.entries(messages)) {
    if (level === "info") test(code, () => assert.ok(sectionOf(code).trim().length > 0));
    else test(`${code}, with cause and command`, () => assertActionable(code));
  }
});

suite("Every alert has a heading, which its runbook_url leads to", () => {
  for (const { alert, annotations } of alerts) {
    test(alert, () => {
      assertActionable(alert);
      assert.ok(
        (annotations.runbook_url ?? "").endsWith(`/docs/operations.md#${alert.toLowerCase()}`),
        `${annotations.runbook_url} does not lead there`,
      );
    });
  }
});

suite("Every code in the source is explained", () => {
  const source = globSync("src/{*,{commands,http,settings}/**/*}.ts").map(textOf).join("\n");
  const quoted = [...source.matchAll(/"([A-Z][a-z]+(?:[A-Z][a-z]+)+)"/g)].map(([, code = ""]) => code);
  const printed = [...source.matchAll(/["`]([A-Z][a-z]+(?:[A-Z][a-z]+)+): /g)].map(([, code = ""]) => code);
  const codes = new Set([...quoted, ...printed].filter((code) => !code.endsWith("Error")));

  test("there are some of each kind", () => {
    for (const code of ["ListenFailed", "BadValue", "CredentialsNotReady", "NotReachable"]) assert.ok(codes.has(code));
  });

  for (const code of codes) {
    test(code, () =>
      assert.ok(sections.has(code) || operations.includes(`\`${code}\``), `${code} is not in docs/operations.md`),
    );
  }
});

for (const [heading, names] of [
  ["RefreshFailed", failureKinds],
  ["Refused", refusalReasons],
] as const) {
  test(`${heading} explains each of its kinds, and no others`, () => {
    const explained = [...sectionOf(heading).matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name);
    assert.deepEqual(explained.sort(), [...names].sort());
  });
}

test("every heading is something that the program or its rules say", () => {
  const source = globSync("src/**/*.ts").map(textOf).join("\n");
  const said = (heading: string) => new RegExp(`\\b${heading}\\b`).test(source);
  const known = new Set(alerts.map(({ alert }) => alert));
  assert.deepEqual(
    [...sections.keys()].filter((heading) => !known.has(heading) && !said(heading)),
    [],
  );
});

test("every link leads to a heading or a file", () => {
  for (const [, target = ""] of operations.matchAll(/\]\(([^)]+)\)/g)) {
    if (target.startsWith("#")) {
      const headings = [...operations.matchAll(/^##+ (.+)$/gm)].map(
        ([, heading = ""]) => `#${heading.toLowerCase().replaceAll(" ", "-").replaceAll("`", "")}`,
      );
      assert.ok(headings.includes(target), target);
    } else assert.notEqual(textOf(`docs/${target}`), "");
  }
});

test("How soon a pod starts after an outage is what the schedule of retries gives, there and in the manifests' own document", () => {
  const longest = (outage: Outage): number => retryDelayMs(outage, () => 1) / SECOND;
  const waiting = { kind: "cold", failures: 40, failingForMs: 10 * MINUTE } as const;
  const fleet = longest({ ...waiting, callers: "fleet" });
  assert.equal(longest({ ...waiting, callers: "node" }), fleet);
  const [, after = ""] = operations.split("## How soon a pod starts after an outage");
  const section = after.split("\n## ")[0]?.replaceAll(/\s+/g, " ") ?? "";
  assert.ok(section.includes(`within ${fleet} s of upstream's return`));
  const denied = longest({ kind: "final", failures: 40 });
  assert.ok(section.includes(`(${denied / 60} min, if upstream denied)`));
  const young = longest({ ...waiting, failures: 12, failingForMs: MINUTE, callers: "node" });
  assert.ok(section.includes(`it is within ${young} s`));
  for (const path of ["docs/operations.md", "deploy/kubernetes/README.md"])
    assert.ok(textOf(path).replaceAll(/\s+/g, " ").includes(`within ${fleet} s of upstream's return`), path);
});
