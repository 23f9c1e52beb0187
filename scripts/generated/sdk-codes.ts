/** The error codes that the AWS SDK itself knows, from its own list. Importing that module at run time costs 15 MB. */
import { createRequire } from "node:module";

const NAMES = ["THROTTLING_ERROR_CODES", "TRANSIENT_ERROR_CODES"] as const;
const CONSTANTS = "dist-es/submodules/retry/service-error-classification/constants.js";

/** On one line where the formatter would leave it there. */
function declaration(name: string, codes: readonly string[]): string {
  const start = `export const ${name}: readonly string[] = [`;
  const line = `${start}${codes.map((code) => `"${code}"`).join(", ")}];`;
  return line.length <= 120 ? `${line}\n` : `${start}\n${codes.map((code) => `  "${code}",\n`).join("")}];\n`;
}

/** By path. */
export async function sdkCodes(): Promise<ReadonlyMap<string, string>> {
  const manifest = createRequire(import.meta.url).resolve("@smithy/core/package.json");
  const constants = (await import(new URL(CONSTANTS, `file://${manifest}`).href)) as Record<string, readonly string[]>;
  const lists = NAMES.map((name) => {
    const codes = constants[name];
    if (codes === undefined) throw new Error(`@smithy/core has no ${name}`);
    return declaration(name, codes);
  });
  const head = "/** Error codes that the AWS SDK knows. Generated from @smithy/core by `npm run generate`. */\n";
  return new Map([["src/upstream/sdk-codes.ts", [head, ...lists].join("\n")]]);
}
