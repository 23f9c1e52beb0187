/** The workflows as people who look for mistakes in workflows see them. GitHub itself is not here to run them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../../test/support/environment.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const workflows = here("../../.github/workflows");
const files = readdirSync(workflows).map((file) => join(workflows, file));

const linters = [
  { name: "actionlint", command: here("build/actionlint"), args: ["-no-color"] },
  { name: "zizmor", command: here(".venv/bin/zizmor"), args: ["--offline", "--quiet", "--no-config"] },
] as const;

interface Linted {
  readonly code: number | string | null;
  readonly output: string;
}

function lint({ command, args }: (typeof linters)[number], paths: readonly string[]): Promise<Linted> {
  const { promise, resolve } = Promise.withResolvers<Linted>();
  execFile(command, [...args, ...paths], (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : (error.code ?? null), output: `${error?.message ?? ""}\n${stdout}${stderr}` }),
  );
  return promise;
}

/** A script that a tag's name can write into, and a step that does not exist. */
const careless = `on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - run: echo \${{ github.event.head_commit.message }} \${{ steps.nothing.outputs.x }}
`;

function carelessFile(t: TestContext): string {
  const file = join(temporaryDirectory(t), "careless.yml");
  writeFileSync(file, careless);
  return file;
}

for (const linter of linters) {
  suite(linter.name, () => {
    test("has nothing to say against the workflows", async () => {
      const { code, output } = await lint(linter, files);
      assert.equal(code, 0, output);
    });

    test("would have", async (t) => {
      const { code, output } = await lint(linter, [carelessFile(t)]);
      assert.equal(typeof code, "number", output);
      assert.notEqual(code, 0);
      assert.match(output, /injection|untrusted/);
    });
  });
}
