/** The one table of commands: it feeds the dispatch, the help, the completion of shells and "did you mean". Pure. */

/** A flag of one command, beside the settings. */
export interface OwnFlag {
  /** What stands for the value in the help; a flag without one is a switch. */
  readonly value?: string;
  readonly meaning: string;
  /** For completion. */
  readonly values?: readonly string[];
}

export interface CommandRow {
  /** What follows the command. */
  readonly usage: string;
  /** Completes "COMMAND: …". */
  readonly summary: string;
  /** The rest of `help COMMAND`, in paragraphs. */
  readonly details: readonly string[];
  readonly flags: Readonly<Record<string, OwnFlag>>;
  /** What follows the program's name. */
  readonly examples: readonly string[];
  /** Which settings it takes as flags: all, or none. */
  readonly settings: "all" | "none";
  /** The words that may follow it, for completion. */
  readonly words?: "commands" | "clients" | "shells";
}

const row = (given: Partial<CommandRow> & Pick<CommandRow, "summary">): CommandRow => ({
  usage: "[flags]",
  details: [],
  flags: {},
  examples: [],
  settings: "all",
  ...given,
});

const timeout = (fallback: string, what: string): OwnFlag => ({
  value: "DURATION",
  meaning: `How long to wait for ${what}, such as 30s or 5m. Default: ${fallback}.`,
});

export const shells = ["bash", "zsh", "fish"] as const;
/** Who reads the lines of `env`. */
export const places = ["shell", "pod", "compose"] as const;

/** Rows in the order in which help shows them. */
export const commands = {
  serve: row({
    summary: "serve credentials (the default)",
    examples: ["serve --upstream demo", "serve --role-arn arn:aws:iam::123456789012:role/orders"],
  }),
  exec: row({
    usage: "[flags] -- PROGRAM [ARGUMENTS]",
    summary: "run a program with a sidecar of its own",
    details: [
      "Serves on a free port of the loopback with a random token, which only the program is told, waits until there are " +
        "credentials, runs the program, passes signals on and returns its exit code (128 and the signal's number, if one " +
        "ended it; 126 or 127, if it cannot be started). The sidecar ends with it.",
      "Variables and profiles that the AWS SDKs take before the sidecar's credentials are removed for the program, and " +
        "named on standard error. Of the shared config file it is given the profile's region, services and the like.",
      "There is no admin port, and the log is for people, on standard error, from warnings on, unless SIDECAR_ADMIN_LISTEN, " +
        "SIDECAR_LOG_FORMAT or SIDECAR_LOG_LEVEL is set.",
    ],
    flags: {
      demo: { meaning: "Made-up credentials, which AWS does not know: --upstream demo." },
      profile: { value: "NAME", meaning: "The AWS profile to take credentials from: --profiles NAME." },
      timeout: timeout("1m", "the first credentials"),
    },
    examples: [
      "exec -- aws sts get-caller-identity",
      "exec --profile orders -- python3 report.py",
      "exec --role-arn arn:aws:iam::123456789012:role/orders --client botocore-1 -- python3 worker.py",
      "exec --demo -- aws configure list",
    ],
  }),
  check: row({ summary: "validate the settings and exit" }),
  doctor: row({
    summary: "explain this pod: what is wrong and what to write",
    flags: {
      verbose: { meaning: "Show the settings too." },
      json: { meaning: "The report as JSON, for programs." },
    },
  }),
  env: row({
    usage: "CLIENT [flags]",
    summary: "print the lines that let a client read from the sidecar",
    details: [
      "CLIENT is a name from the client table, such as boto3, java-v2 or polars. The address and the token are those of the settings.",
    ],
    flags: {
      for: { value: "PLACE", meaning: `Who reads the lines: ${places.join(", ")}. Default: shell.`, values: places },
    },
    examples: ["env boto3", "env polars --for pod", "env ruby --for compose"],
    words: "clients",
  }),
  refresh: row({
    usage: "[IDENTITY...] [flags]",
    summary: "have the running sidecar get new credentials now, for all identities or those named",
    examples: ["refresh", "refresh orders"],
  }),
  healthcheck: row({ summary: "exit 0 when the running sidecar is ready, else say why not" }),
  wait: row({
    summary: "wait until the running sidecar is ready",
    details: [
      "For start scripts and CI. Exits with 0 when the sidecar is ready, with 1 when it is not in time, and says why.",
    ],
    flags: { timeout: timeout("2m", "it") },
    examples: ["wait && ./app", "wait --timeout 30s"],
  }),
  completion: row({
    usage: "SHELL",
    summary: "print what completes this command line in a shell: bash, zsh or fish",
    examples: [
      "completion bash > ~/.local/share/bash-completion/completions/aws-credential-sidecar",
      "completion zsh > ~/.zfunc/_aws-credential-sidecar",
      "completion fish > ~/.config/fish/completions/aws-credential-sidecar.fish",
    ],
    settings: "none",
    words: "shells",
  }),
  help: row({
    usage: "[COMMAND]",
    summary: "print this, or the help of a command (also --help, -h)",
    settings: "none",
    words: "commands",
  }),
  version: row({ usage: "", summary: "print the version (also --version, -v)", settings: "none" }),
} as const satisfies Readonly<Record<string, CommandRow>>;

export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as readonly CommandName[];

export const commandRow = (name: CommandName): CommandRow => commands[name];

/** The command with this name, or undefined. */
export function findCommand(name: string): CommandName | undefined {
  return commandNames.find((command) => command === name);
}
