/** The scripts of a job of release.yml, run here as GitHub would run them; the actions between them are left out. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parse } from "yaml";

const workflow = parse(readFileSync(new URL("../../.github/workflows/release.yml", import.meta.url), "utf8"));

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Runner {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What `${{ … }}` stands for in a step's `env`. */
  readonly expressions: Readonly<Record<string, string>>;
}

/** Rejects at the first script that fails, or when one needs an expression that is not given. */
export async function runJob(name: string, runner: Runner, skip: readonly string[] = []): Promise<void> {
  const steps: readonly Step[] = workflow.jobs[name].steps;
  for (const { run, env = {} } of steps) {
    if (run === undefined || skip.includes(run)) continue;
    const given = Object.entries(env).map(([key, value]) => [key, filled(value, runner.expressions)]);
    // As GitHub starts a script that names no shell.
    await promisify(execFile)("bash", ["-e", "-c", run], {
      cwd: runner.cwd,
      env: { ...runner.env, ...Object.fromEntries(given) },
    });
  }
}

function filled(value: string, expressions: Runner["expressions"]): string {
  return value.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
    const text = expressions[expression];
    if (text === undefined) throw new Error(`release.yml uses ${expression}, which the test does not give`);
    return text;
  });
}
