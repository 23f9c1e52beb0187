/** The scheduled run of the newest clients: its own scripts, with a conformance run and a GitHub that are made up. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { temporaryDirectory } from "../../test/support/environment.ts";

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly jobs: Readonly<Record<string, { readonly if?: string; readonly steps: readonly Step[] }>>;
}

const file = fileURLToPath(new URL("../../.github/workflows/newest.yml", import.meta.url));
const workflow = parse(readFileSync(file, "utf8")) as Workflow;
const stepOf = (job: string, id: string): Step => workflow.jobs[job]?.steps.find((step) => step.id === id) ?? {};

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}

suite("the scheduled run of the newest clients", () => {
  test("has a day", () => {
    assert.equal(workflow.on.schedule.length, 1);
    assert.match(workflow.on.schedule[0]?.cron ?? "", /^\d+ \d+ \* \* \d$/);
  });

  const runs = [
    { name: "tells of differences", does: "echo report > report.md; exit 1", code: 0, output: "differences=yes\n" },
    { name: "tells of none", does: "echo report > report.md", code: 0, output: "differences=no\n" },
    { name: "fails when the run itself does", does: "exit 2", code: 2, output: "" },
    { name: "fails when nothing was reported", does: "exit 0", code: 1, output: "" },
  ];
  for (const { name, does, code, output } of runs) {
    test(name, (t) => {
      const folder = temporaryDirectory(t);
      mkdirSync(join(folder, "conformance/build/newest"), { recursive: true });
      script(join(folder, "conformance/run"), `[ "$*" = --newest ] || exit 9\ncd conformance/build/newest\n${does}`);
      const [outputs, summary] = ["outputs", "summary"].map((one) => join(folder, one));
      for (const one of [outputs, summary]) writeFileSync(one ?? "", "");
      const env = { PATH: process.env.PATH, GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary };
      const { status } = spawnSync("bash", ["-eo", "pipefail", "-c", stepOf("clients", "newest").run ?? ""], {
        cwd: folder,
        env,
      });
      assert.deepEqual([status, readFileSync(outputs ?? "", "utf8")], [code, output]);
    });
  }

  test("opens an issue only where there are differences", () => {
    assert.equal(workflow.jobs.issue?.if, "needs.clients.outputs.differences == 'yes'");
  });

  /** What `gh` was called with, when these issues are open. */
  function told(t: TestContext, issues: readonly { readonly number: number; readonly title: string }[]): string {
    const folder = temporaryDirectory(t);
    const { run = "", env = {} } = stepOf("issue", "tell");
    // As GitHub's own program, `--jq` filters what it lists.
    const list = `while [ "$1" != --jq ]; do shift; done; jq -r "$2" <<'END'\n${JSON.stringify(issues)}\nEND`;
    script(join(folder, "gh"), `if [ "$2" = list ]; then\n${list}\nelse echo "$@" >> ${folder}/calls; fi`);
    const variables = { ...env, PATH: `${folder}:${process.env.PATH}` };
    execFileSync("bash", ["-eo", "pipefail", "-c", run], { cwd: folder, env: variables });
    return readFileSync(join(folder, "calls"), "utf8");
  }

  test("opens an issue with the report", (t) => {
    const calls = told(t, [{ number: 3, title: "another one" }]);
    assert.match(calls, /^issue create --title The newest release .+ --body-file report\.md\n$/);
  });

  test("comments on the issue that is still open", (t) => {
    const title = stepOf("issue", "tell").env?.TITLE ?? "";
    assert.equal(told(t, [{ number: 7, title }]), "issue comment 7 --body-file report.md\n");
  });
});
