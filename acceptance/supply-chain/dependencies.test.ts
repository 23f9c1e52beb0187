/** npm's own view of the run-time dependencies, against the list that a test holds the project to. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const decided = readFileSync(new URL("../../test/repo/packaging/dependencies.txt", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" ")[0]);

async function npm(...args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)("npm", args, { cwd: root });
  return JSON.parse(stdout);
}

interface Tree {
  readonly dependencies?: Readonly<Record<string, Tree>>;
}

const namesIn = ({ dependencies = {} }: Tree): readonly string[] =>
  Object.entries(dependencies).flatMap(([name, tree]) => [name, ...namesIn(tree)]);

test("npm ls --omit=dev --omit=optional names the dependencies that were decided on", async () => {
  const names = namesIn(
    (await npm("ls", "--omit=dev", "--omit=optional", "--all", "--package-lock-only", "--json")) as Tree,
  );
  assert.deepEqual([...new Set(names)].sort(), [...new Set(decided)].sort());
});

test("the SBOM of a release names each of them, with version and licence", async () => {
  interface Sbom {
    readonly name: string;
    readonly packages: readonly {
      readonly name: string;
      readonly versionInfo: string;
      readonly licenseDeclared: string;
    }[];
  }
  const { name, packages } = (await npm("run", "--silent", "sbom")) as Sbom;
  assert.match(name, /^aws-credential-sidecar@/);
  const known = packages.filter(({ versionInfo, licenseDeclared }) => versionInfo && licenseDeclared !== "NOASSERTION");
  assert.deepEqual(known.map((one) => one.name).sort(), ["aws-credential-sidecar", ...decided].sort());
});
