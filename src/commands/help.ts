/** Help, for the program and for each command, from the tables of commands and of settings. Pure. */
import { settingsHelp, wrapped } from "../settings/usage.ts";
import { type CommandName, commandNames, commandRow, type OwnFlag } from "./table.ts";

export const PROGRAM = "aws-credential-sidecar";

const EXIT_CODES =
  "Exit codes: 0 stopped by a signal, or no problems found, 1 failure at run time, 2 bad settings or usage.";

const AWS_VARIABLES = `
The AWS variables (AWS_REGION, AWS_PROFILE, AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ENDPOINT_URL_STS, …),
HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS mean what they mean everywhere.
`;

const SETTINGS = "\nSettings, each as a flag or an environment variable (the flag wins):\n";

/** The help of the whole program: commands, settings, exit codes. */
export function helpText(): string {
  const width = Math.max(...commandNames.map((name) => name.length));
  const rows = commandNames.map((name) => `  ${name.padEnd(width)}  ${commandRow(name).summary}\n`).join("");
  return `${PROGRAM}: serves AWS credentials on localhost, always fresh, from memory.

Usage: ${PROGRAM} [command] [flags]

Commands:
${rows}
\`help COMMAND\` explains one of them. To begin with: \`exec --demo -- aws configure list\`.

${EXIT_CODES}
${SETTINGS}${settingsHelp()}${AWS_VARIABLES}`;
}

/** The help of one command. */
export function commandHelp(name: CommandName): string {
  const { usage, summary, details, flags, examples, settings } = commandRow(name);
  const paragraphs = details.map((text) => `\n${wrapped(text, 0)}`).join("");
  const own = Object.entries(flags)
    .map(([flag, row]) => flagHelp(flag, row))
    .join("");
  const shown = examples.map((example) => `  ${PROGRAM} ${example}\n`).join("");
  return [
    `${PROGRAM} ${name}: ${summary}\n\nUsage: ${`${PROGRAM} ${name} ${usage}`.trimEnd()}\n${paragraphs}`,
    shown && `\nExamples:\n${shown}`,
    own && `\nFlags of this command:\n${own}`,
    settings === "all" ? `${SETTINGS}${settingsHelp()}${AWS_VARIABLES}` : "",
  ].join("");
}

function flagHelp(flag: string, { value, meaning }: OwnFlag): string {
  return `\n  --${flag}${value === undefined ? "" : ` ${value}`}\n${wrapped(meaning, 6)}`;
}
