/** The settings of a sidecar that is about to start. What only asks a running one needs no profiles. */
import type { Edge } from "../edge.ts";
import type { SettingsProblem } from "../settings/problems.ts";
import type { Resolved } from "../settings/resolve.ts";
import { conflictOf, profileWaysBack } from "../settings/self-reference.ts";
import { profileSources } from "../upstream/profile-sources.ts";
import { type Loading, loadSettings, printProblems } from "./settings.ts";
import type { CommandName } from "./table.ts";

/** As {@link loadSettings}, for what a sidecar starts with: the profiles that they name count too. */
export async function loadForStart(
  command: CommandName,
  args: readonly string[],
  edge: Pick<Edge, "env" | "printError">,
): Promise<Loading> {
  const loading = loadSettings(command, args, edge);
  if (loading.kind === "problems") return loading;
  const problems = await profileProblems(loading, edge.env);
  printProblems(problems, edge);
  return problems.length > 0 ? { kind: "problems", problems } : loading;
}

/** A profile by which the sidecar would ask itself. Other faults of profiles may be mended while it runs. */
export async function profileProblems({ settings, aws }: Resolved, env: Edge["env"]): Promise<SettingsProblem[]> {
  const ways = profileWaysBack(settings, aws, await profileSources(settings, env));
  return ways.map((way) => ({ code: "Conflict", message: conflictOf(way) }));
}
