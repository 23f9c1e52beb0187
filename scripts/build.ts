/**
 * `npm run build`: the program as one bundle in `dist/`, for the image and the published package. Another folder, below
 * this repository, may be given as an argument.
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { builtinsAsObjects } from "./bundle/builtins.ts";
import { replacedFiles } from "./bundle/replacements.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = process.argv[2] ?? "dist";

// Names of chunks carry hashes: those of the last build would stay.
rmSync(`${root}${outdir}`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir,
  bundle: true,
  // The AWS SDK and the commands, which are imported when they are needed, stay files of their own.
  splitting: true,
  format: "esm",
  // Where no package.json says what a .js is, Node compiles it twice: as CommonJS, and when that fails as this.
  outExtension: { ".js": ".mjs" },
  platform: "node",
  target: "node24",
  // The AWS SDK as ES modules: each provider becomes a file of its own, loaded when used, without what nobody calls.
  mainFields: ["module", "main"],
  // V8 keeps the source of what it runs: 4 MB of private memory with the AWS SDK loaded.
  minify: true,
  plugins: [builtinsAsObjects, replacedFiles],
  logLevel: "warning",
});
