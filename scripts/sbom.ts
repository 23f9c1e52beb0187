/**
 * `npm run --silent sbom`: what the bundle is made of, as SPDX on stdout. `npm sbom --omit=dev` leaves out whatever a
 * development dependency needs too (https://github.com/npm/cli/issues/7909), here half of the AWS SDK; so npm is shown
 * a project that has none, nor the binaries of Node that a checkout runs on.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtimePackages } from "./runtime-packages.ts";

const root = new URL("../", import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, root), "utf8"));

const { devDependencies: _, optionalDependencies: __, ...manifest } = read("package.json");
const lock = read("package-lock.json");
const shipped = new Set(["", ...runtimePackages(root).map(({ folder }) => folder)]);
for (const folder of Object.keys(lock.packages)) if (!shipped.has(folder)) delete lock.packages[folder];
delete lock.packages[""].devDependencies;
delete lock.packages[""].optionalDependencies;

const project = mkdtempSync(join(tmpdir(), "sbom-"));
try {
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
  const args = ["sbom", "--package-lock-only", "--sbom-format=spdx", "--sbom-type=application"];
  execFileSync("npm", args, { cwd: project, stdio: ["ignore", "inherit", "inherit"] });
} finally {
  rmSync(project, { recursive: true });
}
