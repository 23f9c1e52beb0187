/** The error codes that the AWS SDK itself knows, from its own list. Importing that module at run time costs 15 MB. */
import { createRequire } from "node:module";

const NAMES = ["THROTTLING_ERROR_CODES", "TRANSIENT_ERROR_CODES"] as const;
const CONSTANTS = "dist-es/submodules/retry/service-error-classification/constants.js";

/** By path. */
export async function sdkCodes(): Promise<ReadonlyMap<string, string>> {
  const manifest = createRequire(import.meta.url).resolve("@smithy/core/package.json");
  const constants = (await import(new URL(CONSTANTS, `file://${manifest}`).href)) as Record<string, readonly string[]>;
  const lists = NAMES.map((name) => {
    const codes = constants[name];
    if (codes === undefined) throw new Error(`@smithy/core has no ${name}`);
    return `export const ${name}: readonly string[] = [\n${codes.map((code) => `  "${code}",\n`).join("")}];\n`;
  });
  const head = "/** Error codes that the AWS SDK knows. Generated from @smithy/core by `npm run generate`. */\n";
  return new Map([["src/upstream/sdk-codes.ts", [head, ...lists].join("\n")]]);
}
