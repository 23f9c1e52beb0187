/** Help and the table in docs/settings.md, both from the one table of settings. Pure. */
import { environmentName, flagName, type SettingName, settingNames, settingOf } from "./table.ts";

const HEAD = `aws-credential-sidecar: serves AWS credentials on localhost, always fresh, from memory.

Usage: aws-credential-sidecar [command] [flags]

Commands:
  serve         serve credentials (the default)
  check         validate the settings and exit
  doctor        explain this pod: what is wrong and what to write; --verbose, or --json for programs
  refresh       have the running sidecar get new credentials now, for all identities or those named behind it
  healthcheck   exit 0 when the running sidecar is ready
  --help        print this
  --version     print the version

Exit codes: 0 stopped by a signal, or no problems found, 1 failure at run time, 2 bad settings or usage.

Settings, each as a flag or an environment variable (the flag wins):
`;

const FOOT = `
The AWS variables (AWS_REGION, AWS_PROFILE, AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ENDPOINT_URL_STS, …),
HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS mean what they mean everywhere.
`;

export function helpText(): string {
  return HEAD + settingNames.map(helpRow).join("") + FOOT;
}

function helpRow(name: SettingName): string {
  const { meaning, allowed, default: fallback } = settingOf(name);
  const lines = wrap(
    `${meaning.replaceAll("`", "")} Allowed: ${allowed}.${fallback === undefined ? "" : ` Default: ${fallback}.`}`,
    96,
  );
  return `\n  ${flagName(name)}, ${environmentName(name)}\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The table in docs/settings.md, which `npm run generate` writes; a test fails when it is stale. */
export function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { meaning, allowed, default: fallback } = settingOf(name);
    const shortened = name === "client" ? "a name from the client table (`--help` lists them)" : allowed;
    const shown = fallback === undefined ? "–" : `\`${fallback}\``;
    return [`\`${environmentName(name)}\``, shown, `${meaning} Allowed: ${shortened}.`];
  });
  const head = ["variable", "default", "meaning"];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [head, rule, ...rows].map(line).join("\n");
}
