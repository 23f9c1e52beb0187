import { writeFileSync } from "node:fs";
import { documents } from "./documents.ts";
import { helmFiles } from "./helm.ts";
import { pictures } from "./pictures.ts";
import { prometheusRule } from "./prometheus-rule.ts";
import { sdkCodes } from "./sdk-codes.ts";

/** Every generated file: its path in the repository, and its text. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["deploy/monitoring/prometheusrule.yaml", prometheusRule()],
    ...helmFiles(),
    ...pictures(),
    ...(await documents()),
    ...(await sdkCodes()),
  ]);
}

/** Writes every generated file anew. */
export async function generate(): Promise<void> {
  for (const [path, text] of await generated()) writeFileSync(new URL(`../../${path}`, import.meta.url), text);
}
