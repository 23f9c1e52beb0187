import { type Resolved, resolveSettings } from "../../src/settings/resolve.ts";

/** Settings that a test takes to be good; throws with every problem when they are not. */
export function resolved(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Resolved {
  const resolution = resolveSettings(flags, env);
  if (resolution.kind === "problems") throw new Error(JSON.stringify(resolution.problems));
  return resolution;
}
