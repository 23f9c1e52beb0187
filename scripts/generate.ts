/** `npm run generate`: writes the files that follow from others. A test fails when one of them is stale. */
import { writeFileSync } from "node:fs";
import { generated } from "./generated/files.ts";

for (const [path, text] of generated()) writeFileSync(new URL(`../${path}`, import.meta.url), text);
