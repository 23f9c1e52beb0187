/** Which command a command line asks for. Pure. */
import { type CommandName, findCommand } from "./table.ts";

export interface CommandLine {
  readonly command:
    | { readonly kind: "known"; readonly name: CommandName }
    | { readonly kind: "unknown"; readonly typed: string };
  /** What the command is given. */
  readonly rest: readonly string[];
}

const HELP: readonly string[] = ["--help", "-h"];
const VERSION: readonly string[] = ["--version", "-v", "-V"];

/**
 * The first word; `serve` where flags come first. `--help` asks for the help of the command, wherever it stands, except
 * behind the two dashes of `exec`, where everything is another program's.
 */
export function commandOf(args: readonly string[]): CommandLine {
  const [first = "serve", ...rest] = args;
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.some((arg) => HELP.includes(arg))) {
    return known("help", first.startsWith("-") || first === "help" ? [] : [first]);
  }
  if (VERSION.includes(first)) return known("version", rest);
  if (first.startsWith("-")) return known("serve", args);
  const name = findCommand(first);
  return name === undefined ? { command: { kind: "unknown", typed: first }, rest } : known(name, rest);
}

function known(name: CommandName, rest: readonly string[]): CommandLine {
  return { command: { kind: "known", name }, rest };
}
