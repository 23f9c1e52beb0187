/** What `npm ci` puts on a machine: nothing that the lock file does not hold by its hash. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const manifest = JSON.parse(read("package.json"));

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly os?: string;
  readonly cpu?: string;
}
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Readonly<Record<string, Locked>> };

suite("npm ci", () => {
  test("takes every package by its hash, from whatever registry is set up", () => {
    const installed = Object.entries(packages).filter(([folder]) => folder !== "");
    assert.ok(installed.length > 100);
    const loose = installed.filter(([, { integrity, resolved }]) => !integrity?.startsWith("sha512-") || resolved);
    assert.deepEqual(loose, []);
  });

  test("runs no script of a package, which could download what has no hash", () => {
    assert.match(read(".npmrc"), /^ignore-scripts=true$/m);
    assert.match(read("Dockerfile"), /^RUN npm ci --ignore-scripts$/m);
  });

  test("brings the Node that runs and builds the project, one version for each platform", () => {
    const nodes = Object.entries(packages).filter(([folder]) => /\/node-(?:bin-)?(?:linux|darwin)-/.test(folder));
    assert.deepEqual(nodes.map(([, { os, cpu }]) => `${os} ${cpu}`).sort(), [
      "darwin arm64",
      "darwin x64",
      "linux arm64",
      "linux x64",
    ]);
    const declared = Object.values(manifest.optionalDependencies);
    assert.deepEqual([...new Set([...declared, ...nodes.map(([, { version }]) => version)])].length, 1);
  });

  test("declares the Node that it needs, which is the oldest that CI runs every test on", () => {
    const { jobs } = parse(read(".github/workflows/ci.yml"));
    const [oldest] = jobs.node.strategy.matrix["node-version"];
    assert.equal(manifest.engines.node, `>=${oldest}`);
    assert.match(read("scripts/build.ts"), new RegExp(`target: "node${oldest}"`));
  });
});
