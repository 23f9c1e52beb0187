/**
 * The ways by which Node shows its memory or its environment: the inspector, diagnostic reports and heap snapshots.
 * The pod's secrets are in both, so these are closed, whoever asked for them in `NODE_OPTIONS` or on the command line.
 */
import type inspector from "node:inspector";
import type v8 from "node:v8";

/** Options of V8 that write the heap to a file and cannot be taken back when the program runs. */
const CANNOT_BE_CLOSED = /^--heap-?snapshot-(?:near-heap-limit|on-oom|on-gc)\b/;

/** A core dump in place of our own handling of a crash. */
const ABORT = /^--abort-on-uncaught-exception$/;

/** The options of Node in force, with dashes where Node allows underscores too. */
function nodeOptions(): readonly string[] {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/[\s"]+/)];
  return given.map((option) => option.replaceAll("_", "-"));
}

/** The options with which the program must not start. */
export function forbiddenOptions(): readonly string[] {
  return nodeOptions().flatMap((option) => CANNOT_BE_CLOSED.exec(option)?.[0] ?? []);
}

/** Closes what is open, and says what that was. */
export function closeDiagnostics(): readonly string[] {
  return [...closeInspector(), ...closeReports(), ...closeSignalHandlers(), ...keepCrashHandling()];
}

function closeInspector(): readonly string[] {
  const { url, close } = process.getBuiltinModule("node:inspector") as typeof inspector;
  if (url() === undefined) return [];
  close();
  return ["inspector"];
}

function closeReports(): readonly string[] {
  const { report } = process;
  const kinds = ["reportOnSignal", "reportOnFatalError", "reportOnUncaughtException"] as const;
  const open = kinds.some((kind) => report[kind]);
  for (const kind of kinds) report[kind] = false;
  return open ? ["diagnostic reports"] : [];
}

/** `--heapsnapshot-signal` is an ordinary listener. */
function closeSignalHandlers(): readonly string[] {
  const option = nodeOptions().find((given) => given.startsWith("--heapsnapshot-signal"));
  if (option === undefined) return [];
  for (const name of process.eventNames()) if (String(name).startsWith("SIG")) process.removeAllListeners(name);
  process.on("SIGUSR1", () => {});
  return ["heap snapshots"];
}

function keepCrashHandling(): readonly string[] {
  if (!nodeOptions().some((option) => ABORT.test(option))) return [];
  const { setFlagsFromString } = process.getBuiltinModule("node:v8") as typeof v8;
  setFlagsFromString("--no-abort-on-uncaught-exception");
  return ["core dumps of uncaught exceptions"];
}
