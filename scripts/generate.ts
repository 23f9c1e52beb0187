/** `npm run generate`: writes every generated file. A test fails when one of them is stale. */
import { generate } from "./generated/files.ts";

await generate();
