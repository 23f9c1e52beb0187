/**
 * `npm run package -- FOLDER`: what is published to npm. The bundle has its dependencies inside, so the manifest names
 * none, and an install fetches one package and runs nothing.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { notices } from "./notices.ts";
import { releaseNames } from "./release-names.ts";

const root = new URL("../", import.meta.url);
const papers = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];

/** npm checks a package's provenance against `repository`. */
function manifest(): Record<string, unknown> {
  const { version, description, license, type, bin, engines } = JSON.parse(
    readFileSync(new URL("package.json", root), "utf8"),
  );
  const names = releaseNames(root);
  return {
    name: names.package,
    version,
    description,
    keywords: ["aws", "credentials", "sidecar", "imds", "ecs", "eks", "irsa", "kubernetes"],
    license,
    repository: { type: "git", url: `git+${names.repository}.git` },
    type,
    bin,
    // A program, not a library.
    exports: {},
    engines,
  };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: npm run package -- FOLDER");
if (!existsSync(new URL("dist/main.mjs", root))) throw new Error("there is no dist/main.mjs: npm run build makes it");
const out = pathToFileURL(`${resolve(folder)}/`);
// Fails when it is there already: nothing of another build may slip in.
mkdirSync(out);
cpSync(fileURLToPath(new URL("dist", root)), fileURLToPath(new URL("dist", out)), { recursive: true });
for (const paper of papers) cpSync(new URL(paper, root), new URL(paper, out));
writeFileSync(new URL("THIRD-PARTY-NOTICES.txt", out), notices());
writeFileSync(new URL("package.json", out), `${JSON.stringify(manifest(), null, 2)}\n`);
