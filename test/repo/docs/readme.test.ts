import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { parse } from "yaml";
import { formatAddress } from "../../../src/settings/values.ts";
import { resolved } from "../../support/resolved.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const readme = read("README.md");

/** The text under a heading of the second level. */
function section(heading: string): string {
  const [, rest] = readme.split(`\n## ${heading}\n`);
  return rest?.split("\n## ")[0] ?? assert.fail(`README.md has no heading ${heading}`);
}

suite("README.md and CONTRIBUTING.md stay short", () => {
  const lines = (text: string) => text.trimEnd().split("\n").length;
  test("README.md has at most 150 lines", () => assert.ok(lines(readme) <= 150));
  test("README.md has at most 12 KB", () => assert.ok(Buffer.byteLength(readme) <= 12 * 1_024));
  test("CONTRIBUTING.md has at most 100 lines", () => assert.ok(lines(read("CONTRIBUTING.md")) <= 100));
});

suite("Every promise in README.md is the name of a test in the file of its number", () => {
  const promises = [...section("What it promises").matchAll(/^(\d+)\. (.+)$/gm)];
  const files = readdirSync(new URL("test/promises/", root)).sort();
  const numberOf = (file: string) => Number(file.split("-")[0]);

  test("each promise has one file, and each file one promise", () => {
    assert.deepEqual(
      files.map(numberOf),
      promises.map(([, number]) => Number(number)),
    );
  });

  for (const [, number, promise = ""] of promises) {
    test(`${number}. ${promise}`, () => {
      const file = files.find((name) => numberOf(name) === Number(number)) ?? assert.fail("no such file");
      const source = read(`test/promises/${file}`);
      const named = ["test", "suite"].some((call) => source.includes(`${call}("${promise}"`));
      assert.ok(named, `${file} has no test or suite of that name`);
    });
  }
});

suite("The pod in README.md", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(section("In a pod")) ?? [];
  const { initContainers, containers } = parse(yaml).spec;
  const { settings } = resolved();

  test("takes twelve lines", () => assert.equal(yaml.trimEnd().split("\n").length, 12));

  test("probes the admin port and reads from the address that the defaults have", () => {
    const [{ restartPolicy, startupProbe }] = initContainers;
    assert.equal(restartPolicy, "Always");
    assert.ok(settings["admin-listen"] !== "off");
    assert.deepEqual(startupProbe.httpGet, { path: "/readyz", port: settings["admin-listen"][0]?.port });
    const [{ env }] = containers;
    const [listen] = settings.listen.map(formatAddress);
    assert.deepEqual(env, [{ name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", value: `http://${listen}/v1/credentials` }]);
  });
});

test("README.md sets six settings, all of which exist", () => {
  const named = [...section("The settings people set").matchAll(/^\| `(SIDECAR_\w+)`/gm)].map(([, name]) => name);
  const documented = read("docs/settings.md");
  assert.equal(named.length, 6);
  for (const name of named) assert.ok(documented.includes(`| \`${name}\` `), `${name} does not exist`);
});
