/** The scripts of a job of release.yml, run here as GitHub would run them; the actions between them are left out. */
import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";

const workflow = parse(readFileSync(new URL("../../.github/workflows/release.yml", import.meta.url), "utf8"));

/** As GitHub starts a script where the workflow names bash; where it names no shell, without `pipefail`. */
const SHELL = workflow.defaults?.run?.shell === "bash" ? ["-eo", "pipefail"] : ["-e"];

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

type Expressions = Readonly<Record<string, string>>;

export interface Runner {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What `${{ … }}` stands for in a step's `env`; what steps with a script write to their outputs is added. */
  readonly expressions: Expressions;
}

/**
 * The job's outputs, named as the jobs that need it read them: `needs.JOB.outputs.NAME`. Rejects at the first script that
 * fails, or when one needs an expression that is not given.
 */
export async function runJob(name: string, runner: Runner, skip: readonly string[] = []): Promise<Expressions> {
  const { steps, outputs = {} }: { steps: readonly Step[]; outputs?: Expressions } = workflow.jobs[name];
  let { expressions } = runner;
  for (const step of steps) {
    if (step.run === undefined || skip.includes(step.run)) continue;
    expressions = { ...expressions, ...(await runStep(step, step.run, { ...runner, expressions })) };
  }
  const written = Object.entries(outputs).map(([key, value]) => [
    `needs.${name}.outputs.${key}`,
    filled(value, expressions),
  ]);
  return Object.fromEntries(written);
}

/** What it wrote to its outputs, as `steps.ID.outputs.NAME`. */
async function runStep({ id, env = {} }: Step, run: string, runner: Runner): Promise<Expressions> {
  const given = Object.entries(env).map(([key, value]) => [key, filled(value, runner.expressions)]);
  const outputs = join(runner.env.RUNNER_TEMP ?? tmpdir(), `outputs-${process.pid}`);
  writeFileSync(outputs, "");
  try {
    await promisify(execFile)("bash", [...SHELL, "-c", run], {
      cwd: runner.cwd,
      env: { ...runner.env, GITHUB_OUTPUT: outputs, ...Object.fromEntries(given) },
      maxBuffer: 64 * 1_048_576,
    });
    const lines = readFileSync(outputs, "utf8").split("\n").filter(Boolean);
    return Object.fromEntries(
      lines.map((line) => line.split(/=(.*)/s, 2)).map(([key, value]) => [`steps.${id}.outputs.${key}`, value ?? ""]),
    );
  } finally {
    rmSync(outputs);
  }
}

function filled(value: string, expressions: Expressions): string {
  return value.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
    const text = expressions[expression];
    if (text === undefined) throw new Error(`release.yml uses ${expression}, which the test does not give`);
    return text;
  });
}
