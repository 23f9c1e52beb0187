/** The arguments of `exec`: its own flags and the settings, two dashes, and a command line. Pure. */
import { printable } from "../../printable.ts";
import { quoted, type SettingsProblem } from "../../settings/problems.ts";

export interface ExecArguments {
  /** The settings and `--timeout`. */
  readonly flags: readonly string[];
  /** A program and its arguments. */
  readonly program: readonly string[];
  readonly problems: readonly SettingsProblem[];
}

const EXAMPLE = "such as: aws-credential-sidecar exec --profile orders -- aws s3 ls";

/** Everything behind the first two dashes is the program's. */
export function execArguments(args: readonly string[]): ExecArguments {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  const program = end < 0 ? [] : args.slice(end + 1);
  // As aws-vault's users type it.
  const [word] = own;
  const isProfile = end > 0 && word !== undefined && !word.startsWith("-");
  const problems = isProfile ? [profileMeant(word)] : problemsOf(end, program);
  // Without them it is not known where the settings end and the program begins, so nothing is said of any of it.
  if (end < 0) return { flags: [], program, problems };
  return { flags: (isProfile ? own.slice(1) : own).flatMap(asSetting), program, problems };
}

function profileMeant(word: string): SettingsProblem {
  const shown = quoted(word);
  return {
    code: "UnexpectedArgument",
    message: `unexpected argument ${shown}; did you mean --profile ${printable(word)}?`,
  };
}

function problemsOf(end: number, program: readonly string[]): readonly SettingsProblem[] {
  if (end < 0) return [{ code: "MissingValue", message: `exec needs two dashes and a program to run, ${EXAMPLE}` }];
  if (!program[0])
    return [{ code: "MissingValue", message: `exec needs a program to run behind the two dashes, ${EXAMPLE}` }];
  return [];
}

/** `--demo` and `--profile` are what people type; each is a setting by another name. */
function asSetting(arg: string): readonly string[] {
  if (arg === "--demo") return ["--upstream=demo"];
  return [arg.replace(/^--profile(?==|$)/, "--profiles")];
}
