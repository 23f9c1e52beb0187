import { styleText } from "node:util";
import type { Edge } from "../edge.ts";
import { type Caution, crossCheck } from "../settings/crosscheck.ts";
import { resolveSettings } from "../settings/resolve.ts";
import { type Answer, askSidecar, lookAtTokenFiles } from "./doctor/ask.ts";
import type { Finding } from "./doctor/finding.ts";
import { probeUpstreams } from "./doctor/probe.ts";
import { isWell, type Report, reportJson, reportText } from "./doctor/report.ts";
import { runningFindings } from "./doctor/running.ts";
import { variableFindings } from "./doctor/variables.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { printProblems } from "./settings.ts";

/**
 * Explains this pod: what the running sidecar says of itself or, with none running, the settings, one call of each
 * upstream and what its lifetime means for clients; and the traps among the variables. `--json` is for programs.
 */
export async function doctor(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const json = args.includes("--json");
  const report = await examine(
    args.filter((arg) => arg !== "--json"),
    edge,
  );
  printProblems(report.problems, edge);
  // styleText looks whether standard output is a terminal, and honours NO_COLOR and FORCE_COLOR.
  if (json) edge.print(reportJson(report));
  else if (report.problems.length === 0 || report.findings.length > 0) edge.print(reportText(report, styleText));
  if (report.problems.length > 0) return exitCodes.badSettings;
  return isWell(report) ? exitCodes.ok : exitCodes.failure;
}

async function examine(args: readonly string[], edge: Edge): Promise<Report> {
  const resolved = resolveSettings(args, edge.env);
  if (resolved.kind === "problems") {
    return { about: "settings", resolved: undefined, problems: resolved.problems, findings: [] };
  }
  const { settings } = resolved;
  const answer = await askSidecar(settings);
  const running = answer.kind === "running";
  const variables = variableFindings({
    env: edge.env,
    settings,
    running,
    tokenFiles: lookAtTokenFiles(edge, settings),
  });
  if (running) {
    const findings = [...heard(answer), ...runningFindings(answer.status), ...variables];
    return { about: "running", resolved, problems: [], findings };
  }
  const { problems, cautions } = crossCheck(resolved);
  if (problems.length > 0) return { about: "settings", resolved, problems, findings: variables };
  const tried = [...heard(answer), ...cautions.flatMap(doubtful), ...(await probeUpstreams(settings, edge))];
  return { about: "settings", resolved, problems, findings: [...tried, ...variables] };
}

function doubtful({ code, message }: Caution): readonly Finding[] {
  // The trap of that name says more.
  return code === "RelativeUriWins" ? [] : [{ severity: "advice", code: "caution", caution: code, text: message }];
}

function heard(answer: Answer): readonly Finding[] {
  const { url } = answer;
  switch (answer.kind) {
    case "running":
      return [{ severity: "ok", code: "sidecar-running", url: answer.url, version: answer.status.version }];
    case "none":
      return [{ severity: "ok", code: "sidecar-not-running", url }];
    case "hidden":
      return [{ severity: "advice", code: "status-hidden", url: answer.url }];
    case "strange":
      return [{ severity: "advice", code: "status-unreadable", url: answer.url, why: answer.why }];
  }
}
