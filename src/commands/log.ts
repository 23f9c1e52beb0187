/** The log of a command: in the format that the settings ask for, on standard output or standard error. */
import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { textLines } from "../telemetry/text-lines.ts";

/** `auto` is text on a terminal, and JSON for whoever else reads. */
export function logTo(where: "out" | "error", settings: Settings, edge: Edge): Log {
  const { "log-level": level, "log-format": format } = settings;
  const write = where === "out" ? edge.print : edge.printError;
  const { isTerminal, paint } = where === "out" ? edge.outStyle : edge.errorStyle;
  const isText = format === "text" || (format === "auto" && isTerminal);
  return createLog(level, isText ? textLines(write, paint) : { write }, edge.clock.now);
}
