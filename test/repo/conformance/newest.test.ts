/** `conformance/run --newest`: what it asks the registries for, and what it says of the answers. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Row } from "../../../conformance/harness/results.ts";
import type { Counts } from "../../../conformance/harness/verdict.ts";
import { reportOf, reportText } from "../../../conformance/newest/differences.ts";
import {
  looseCargo,
  looseMaven,
  looseNpm,
  looseRequirements,
  newestGoModules,
} from "../../../conformance/newest/manifests.ts";

suite("the newest packages are asked for", () => {
  test("of PyPI by name, without what they needed before", () => {
    const text = "# own\nboto3==1.44.5\nmoto[server]==5.2.5\n# what they need\nbotocore==1.44.5\n";
    assert.equal(looseRequirements(text), "# own\nboto3\nmoto[server]\n");
  });

  test("of npm as latest", () => {
    const { dependencies, type } = JSON.parse(looseNpm('{"type":"module","dependencies":{"minio":"8.0.7"}}'));
    assert.deepEqual([dependencies, type], [{ minio: "latest" }, "module"]);
  });

  test("of crates.io in any version, with the features that were chosen", () => {
    assert.equal(
      looseCargo('version = "0.0.0"\naws-config = { version = "=1.13.0", features = ["rt"] }\ntokio = "=1.5.0"\n'),
      'version = "0.0.0"\naws-config = { version = "*", features = ["rt"] }\ntokio = "*"\n',
    );
  });

  test("of Go as latest, where the program itself requires them", () => {
    const text =
      "module clients\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/a/b/v7 v7.4.1\n\tgithub.com/c/d v1.0.0 // indirect\n)\n";
    assert.deepEqual(newestGoModules(text), ["github.com/a/b/v7@latest"]);
    assert.deepEqual(newestGoModules("require github.com/a/b v1.0.0\n"), ["github.com/a/b@latest"]);
  });

  test("of Maven up to the next major version, but for what is old on purpose", () => {
    const dependency = (version: string) =>
      `<dependency><groupId>g</groupId><version>${version}</version></dependency>`;
    const plugin = "<plugin><version>3.5.0</version></plugin>";
    const ofAProperty = dependency(["$", "{kotlin}"].join(""));
    const profile = (id: string, version: string) => `<profile><id>${id}</id>${dependency(version)}</profile>`;
    assert.equal(
      looseMaven(`${plugin}${profile("old", "1.11.546")}${profile("new", "2.56.0")}${ofAProperty}`, ["old"]),
      `${plugin}${profile("old", "1.11.546")}${profile("new", "[2.56.0,2.99999)")}${ofAProperty}`,
    );
  });
});

const counts: Counts = {
  requests: 1_000,
  failed: 0,
  accepted: 1_000,
  late: 0,
  otherwiseRejected: 0,
  keys: 1,
  p50Ms: 1,
  p99Ms: 2,
  hours: 0,
  longestGapMs: 1,
  reads: 1,
};
const row = (changes: Partial<Row>): Row => ({
  scenario: "fifteen-minutes",
  client: "boto3",
  protocol: "container",
  variant: "undeclared",
  version: "1.0",
  date: "2026-01-01",
  verdict: "calm",
  remark: "",
  counts,
  ...changes,
});

suite("the report on the newest releases", () => {
  const found = (was: Partial<Row>, is: Partial<Row>) =>
    reportOf([row(was)], [row(is)], []).differences.map((one) => [one.what, one.was, one.is]);

  test("names each version, and no difference where the client does the same", () => {
    const report = reportOf([row({})], [row({ version: "2.0" })], []);
    assert.deepEqual(report, { versions: [{ client: "boto3", recorded: "1.0", newest: "2.0" }], differences: [] });
    assert.match(reportText(report), /do what the recorded ones do[\s\S]+\| boto3 \| 1\.0 \| 2\.0 \|/);
  });

  test("names a verdict that changed, to the better too", () => {
    assert.deepEqual(found({ verdict: "storms" }, { verdict: "calm" }), [["verdict", "storms", "calm"]]);
  });

  test("sees by the reads that a window changed", () => {
    assert.deepEqual(found({ counts: { ...counts, reads: 1_001 } }, { counts: { ...counts, reads: 400 } }), [
      ["reads", "1001 in 1000", "400 in 1000"],
    ]);
    assert.deepEqual(found({}, { counts: { ...counts, reads: 3 } }), []);
  });

  test("sees that a failed read has another consequence", () => {
    const outlived = { scenario: "outage", variant: "15-minute, outlived", verdict: "recovers" } as const;
    const failing = { ...counts, failed: 3, recoveryMs: 1 };
    assert.deepEqual(found({ ...outlived, counts: failing }, { ...outlived, counts: { ...failing, unsigned: 3 } }), [
      ["failed read", "fails until a read succeeds", "sends unsigned requests"],
    ]);
  });

  test("names a client that cannot be built any more, and says nothing of rows that were never recorded", () => {
    const report = reportOf([], [row({ verdict: "late" })], [{ client: "js-v3", why: "no such export" }]);
    assert.deepEqual(report.differences, [{ of: "js-v3", what: "build", was: "built", is: "no such export" }]);
    assert.match(reportText(report), /one thing otherwise/);
  });
});
