/** Whether the state file that the settings name can be kept. Changes nothing. */
import type { Edge } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { stateFaultOf } from "../../state/fault.ts";
import { PrivateFile } from "../../state/private-file.ts";
import { stateFileLine, stateFileRemedy } from "../../state/remedy.ts";
import type { Finding } from "./finding.ts";

/** Of the settings that a sidecar would start with; a running one says itself what became of its file. */
export async function stateFileFindings(settings: Settings, { userId }: Edge): Promise<readonly Finding[]> {
  const { "state-file": path, "state-medium": medium } = settings;
  if (path === undefined) return [];
  try {
    await new PrivateFile({ path, medium, userId }).inspect();
    const text = `The state file ${path} can be kept: a restart of the sidecar loses nothing`;
    return [{ severity: "ok", code: "state-file", facts: { path, medium }, text }];
  } catch (thrown) {
    const fault = stateFaultOf(thrown);
    const text = `The state file ${path} ${fault}, so a restart of the sidecar would lose the cached credentials`;
    return [
      {
        severity: "advice",
        code: "state-file",
        facts: { path, medium, fault },
        text,
        remedy: stateFileRemedy,
        line: stateFileLine(path),
      },
    ];
  }
}
