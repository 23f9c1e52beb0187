/**
 * `npm run --silent sbom`: what the bundle is made of, as SPDX on stdout. `npm sbom --omit=dev` leaves out whatever a
 * development dependency needs too (https://github.com/npm/cli/issues/7909), here half of the AWS SDK; so npm is shown
 * a project that has no development dependencies.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));

const { devDependencies: _, ...manifest } = read("package.json");
const lock = read("package-lock.json");
for (const [folder, { dev }] of Object.entries<{ dev?: true }>(lock.packages)) if (dev) delete lock.packages[folder];
delete lock.packages[""].devDependencies;

const project = mkdtempSync(join(tmpdir(), "sbom-"));
try {
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
  const args = ["sbom", "--package-lock-only", "--sbom-format=spdx", "--sbom-type=application"];
  execFileSync("npm", args, { cwd: project, stdio: ["ignore", "inherit", "inherit"] });
} finally {
  rmSync(project, { recursive: true });
}
