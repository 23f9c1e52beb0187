/** `npm run generate`: writes the files that follow from others. A test fails when one of them is stale. */
import { generate } from "./generated/files.ts";

await generate();
