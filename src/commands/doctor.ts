import { styleText } from "node:util";
import type { Edge, Env } from "../edge.ts";
import { checkAll, crossCheck } from "../settings/crosscheck.ts";
import type { Caution, SettingsProblem } from "../settings/problems.ts";
import { type Resolved, resolveSettings } from "../settings/resolve.ts";
import { formatAddress } from "../settings/values.ts";
import type { Status } from "../status/status.ts";
import { addressesOf } from "../upstream/lookup.ts";
import { profileSources } from "../upstream/profile-sources.ts";
import {
  endpointFindings,
  faultsOf,
  type RunningSidecar,
  sidecarEndpoint,
  sidecarUri,
  uriFindings,
} from "./doctor/application.ts";
import { askForHead, askForSession, askSidecar, type SidecarAnswer, sidecarFindings } from "./doctor/ask.ts";
import type { Finding } from "./doctor/finding.ts";
import { probeUpstreams } from "./doctor/probe.ts";
import { type RegionsInput, regionFindings } from "./doctor/regions.ts";
import { problemCount, type Report, reportJson, reportText } from "./doctor/report.ts";
import { runningFindings } from "./doctor/running.ts";
import { shadowingFileFindings } from "./doctor/shadowing-files.ts";
import { stateFileFindings } from "./doctor/state-file.ts";
import { lookAtTokenFiles, tokenFindings, tokenToSend } from "./doctor/token-files.ts";
import { type VariableInput, variableFindings } from "./doctor/variables.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { takeOwnFlags } from "./own-flags.ts";
import { printProblems } from "./settings.ts";
import { profileProblems } from "./start-settings.ts";
import { commandRow } from "./table.ts";

/**
 * Explains this pod: what the running sidecar says of itself or, with none running, the settings, one call of each
 * upstream and what its lifetime means for clients; and the variables of this environment, which may be an
 * application's. `--json` is for programs; `--verbose` shows the settings too. Exits with 1 when there is a problem, with
 * 2 when the settings are bad.
 */
export async function doctor(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const { given, rest, problems } = takeOwnFlags(args, commandRow("doctor").flags);
  const report = await examine(rest, problems, edge);
  printProblems(report.problems, edge);
  // styleText looks whether standard output is a terminal, and honours NO_COLOR and FORCE_COLOR.
  if (given.has("json")) edge.print(reportJson(report));
  else edge.print(reportText(report, styleText, { verbose: given.has("verbose") }));
  if (report.problems.length > 0) return exitCodes.badSettings;
  return problemCount(report) === 0 ? exitCodes.ok : exitCodes.failure;
}

async function examine(args: readonly string[], ownProblems: readonly SettingsProblem[], edge: Edge): Promise<Report> {
  const resolved = resolveSettings(args, edge.env, Object.keys(commandRow("doctor").flags));
  if (resolved.kind === "problems" || ownProblems.length > 0) {
    const problems = [...ownProblems, ...checkAll(resolved).problems];
    return { about: "settings", resolved: undefined, problems, findings: [] };
  }
  const { settings } = resolved;
  const answer = await askSidecar(settings, edge.clock);
  const running = runningSidecar(answer, resolved);
  const led = running === undefined ? [] : await followVariables(edge.env, running);
  const whose = running === undefined ? "own" : led.length === 0 ? "running" : "application";
  const variables = [...led, ...(await environmentFindings(edge.env, resolved, whose))];
  if (answer.kind === "running") {
    const regions = whose === "running" ? await askRegions(resolved, edge, reachedBy(answer.status)) : [];
    const findings = [...sidecarFindings(answer), ...runningFindings(answer.status), ...regions, ...variables];
    return { about: "running", resolved, problems: [], findings };
  }
  // In an application's environment, variables that lead to the sidecar are right; in the sidecar's own they are a conflict.
  const { problems: contradictions, cautions } =
    whose === "application" ? { problems: [], cautions: [] } : crossCheck(resolved);
  const problems =
    whose === "own" ? [...contradictions, ...(await profileProblems(resolved, edge.env))] : contradictions;
  if (problems.length > 0) return { about: "settings", resolved, problems, findings: variables };
  const probed = whose === "application" ? [] : await probe(resolved, edge);
  const findings = [...sidecarFindings(answer), ...cautions.flatMap(caution), ...probed, ...variables];
  return { about: "settings", resolved, problems, findings };
}

async function probe(resolved: Resolved, edge: Edge): Promise<readonly Finding[]> {
  const { findings, reached } = await probeUpstreams(resolved, edge);
  const state = await stateFileFindings(resolved.settings, edge);
  return [...findings, ...(await askRegions(resolved, edge, reached)), ...state];
}

async function askRegions({ settings }: Resolved, edge: Edge, reached: RegionsInput["reached"]) {
  if (settings["sts-fallback-regions"] === undefined) return [];
  return await regionFindings({ settings, edge, reached, resolve: addressesOf });
}

/** Those of the running sidecar whose last refresh succeeded. */
function reachedBy({ identities }: Status): RegionsInput["reached"] {
  const well = identities.filter(({ cached, failure }) => cached !== undefined && failure === undefined);
  return new Map(well.map(({ identity, cached }) => [identity, cached?.sts]));
}

function runningSidecar(answer: SidecarAnswer, { settings }: Resolved): RunningSidecar | undefined {
  switch (answer.kind) {
    case "running": {
      const { credentialsAt, identities } = answer.status;
      return { credentialsAt, identities: identities.flatMap(({ servedAs }) => servedAs) };
    }
    case "hidden":
      return { credentialsAt: settings.listen.map(formatAddress), identities: undefined };
    default:
      return undefined;
  }
}

/** Asks where an application's variables lead, as its SDK would. */
async function followVariables(env: Env, sidecar: RunningSidecar): Promise<readonly Finding[]> {
  const [uri, endpoint] = [sidecarUri(env, sidecar), sidecarEndpoint(env, sidecar)];
  return [
    ...(uri === undefined ? [] : await followUri(env, uri, sidecar)),
    ...(endpoint === undefined ? [] : endpointFindings(env, endpoint, await askForSession(endpoint), sidecar)),
  ];
}

/** The sidecar counts what it refuses, so it is not asked for what it cannot serve. */
async function followUri(env: Env, uri: URL, sidecar: RunningSidecar): Promise<readonly Finding[]> {
  const faults = faultsOf(uri, sidecar);
  return faults.length > 0 ? faults : uriFindings(env, uri, await askForHead(uri, tokenToSend(env)), sidecar);
}

async function environmentFindings(
  env: Env,
  { settings, aws }: Resolved,
  whose: VariableInput["whose"],
): Promise<readonly Finding[]> {
  return [
    ...variableFindings({ env, aws, settings, whose, profileSources: await profileSources(settings, env) }),
    ...(whose === "application" ? await shadowingFileFindings({ env, profile: aws.profile?.value }) : []),
    ...tokenFindings(env, lookAtTokenFiles(env, settings)),
  ];
}

/** `RelativeUriWins` has a finding of its own, with a line to write. */
function caution({ code, message }: Caution): readonly Finding[] {
  if (code === "RelativeUriWins") return [];
  return [{ severity: "advice", code: "caution", facts: { caution: code }, text: message }];
}
