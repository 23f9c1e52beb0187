/** The install scripts: what they download is asked for again, and what is in use stays as it is. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { temporaryDirectory } from "../../support/environment.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const functions = join(root, "scripts/install.sh");
const scripts = globSync("{acceptance/*,bench,conformance}/install.sh", { cwd: root });

/** What bash prints when it has run this after the functions were sourced. */
async function bash(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", `. ${functions}; ${script}`], {
    env: { PATH: process.env.PATH, RETRY_PAUSES: "0 0", ...env },
  });
  return stdout;
}

suite("every install script", () => {
  test("uses the functions for whatever comes over a network", () => {
    assert.ok(scripts.length > 5);
    const bare = /^(?!\s*#).*(?:apt-get|pip install|(?<!retried )go (?:build|install|mod download))/m;
    for (const path of scripts) assert.doesNotMatch(readFileSync(join(root, path), "utf8"), bare, path);
  });

  test("finds them from where it stands", () => {
    for (const path of scripts) {
      const text = readFileSync(join(root, path), "utf8");
      const [, folder = "", sourced = ""] =
        /(?:^cd "\$\(dirname "\$0"\)(\S*)"\n)?^\. "?(?:\$\(dirname "\$0"\)\/)?(\S+?install\.sh)"?$/m.exec(text) ?? [];
      if (/\b(?:debian|unpacked|retried|need_go|python_packages)\b/.test(text))
        assert.equal(join(root, path, "..", folder, sourced), functions, path);
    }
  });
});

test("a command that fails twice succeeds the third time, and one that goes on failing fails", async (t) => {
  const count = join(temporaryDirectory(t), "count");
  const flaky = `flaky() { echo x >>${count}; [ "$(wc -l <${count})" -ge "$1" ]; }`;
  await bash(`${flaky}; retried flaky 3`);
  assert.equal(readFileSync(count, "utf8"), "x\nx\nx\n");
  writeFileSync(count, "");
  await assert.rejects(bash(`${flaky}; retried flaky 4`));
});

test("Go is told to leave the revision alone, beside the flags that it had", async () => {
  assert.equal(await bash('printf %s "$GOFLAGS"', { GOFLAGS: "-mod=mod" }), "-mod=mod -buildvcs=false");
});

test("Python packages that are there already are not touched", async (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, "requirements.txt"), "nothing==1\n");
  const pip = `mkdir -p ${folder}/venv/bin; printf '#!/bin/sh\\necho pip\\n' >${folder}/venv/bin/pip; chmod +x ${folder}/venv/bin/pip`;
  const packages = `python_packages ${folder}/requirements.txt ${folder}/venv`;
  assert.equal(await bash(`python3() { :; }; ${pip}; ${packages}; ${packages}`), "pip\n");
  writeFileSync(join(folder, "requirements.txt"), "nothing==2\n");
  assert.equal(await bash(`python3() { :; }; ${packages}`), "pip\n");
});

/** The Debian packages that a text asks for: as words of a command or of an array, or as `program:package` of a loop. */
function packagesIn(text: string): readonly string[] {
  const code = text.replaceAll(/^\s*#.*$/gm, "");
  const words = [
    ...code.matchAll(/\bdebian ([a-z][\w.+ -]*)$/gm),
    ...code.matchAll(/(?:missing|packages)\+=\(([a-z][\w.+-]*)\)/g),
    ...code.matchAll(/\bfor program in ([^;]+);/g),
    ...code.matchAll(/\bunpacked (\S+)/g),
    ...code.matchAll(/--no-install-recommends ((?:[a-z][\w.+-]* )+)/g),
    ...code.matchAll(/NODE_NEEDS = \[([^\]]+)\]/g),
  ];
  return words.flatMap(([, list = ""]) =>
    list.split(/[\s",]+/).flatMap(
      (word) =>
        word
          .split(":")
          .at(-1)
          ?.match(/^[a-z][\w.+-]*$/)?.[0] ?? [],
    ),
  );
}

suite("what apt brings, unpinned", () => {
  const others = ["scripts/install.sh", "acceptance/image/bases.ts", "acceptance/cluster/application/Dockerfile"];
  const asked = new Set([...scripts, ...others].flatMap((path) => packagesIn(readFileSync(join(root, path), "utf8"))));
  const table = readFileSync(join(root, "acceptance/debian.md"), "utf8");
  const seen = new Map(
    [...table.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)].map(([, name = "", was = ""]) => [name, was]),
  );

  test("is named in the table, all of it and nothing else", () => {
    assert.deepEqual([...seen.keys()].toSorted(), [...asked].toSorted());
  });

  test("has in the table the version seen, and another one here is only mentioned", async (t) => {
    // It fails for those that are not installed, and prints the others.
    const { stdout = "" } = await promisify(execFile)("dpkg-query", ["--show", ...seen.keys()]).catch(
      (error: { readonly stdout?: string }) => error,
    );
    for (const line of stdout.trim().split("\n")) {
      const [, name = "", version] = /^([^:\t]+)\S*\t(\S+)$/.exec(line) ?? [];
      if (seen.has(name) && seen.get(name) !== version)
        t.diagnostic(`${name} is ${version} here; acceptance/debian.md has seen ${seen.get(name)}`);
    }
    for (const [name, version] of seen) assert.match(version, /^(?:\d+:)?\d[\w.+~-]*$/, name);
  });
});

test("CI's container is given the host's cgroups, which the containers of the tests divide", () => {
  const { jobs } = parse(readFileSync(join(root, ".github/workflows/ci.yml"), "utf8"));
  assert.match(jobs.gate.container.options, /--privileged --cgroupns=host/);
});
