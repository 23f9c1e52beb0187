/**
 * `npm run --silent release-check -- vX.Y.Z`: whether this checkout may be released under this tag. Prints, for a
 * workflow's outputs, `key=value` lines; with problems, all of them, and ends with 1.
 */
import { readFileSync } from "node:fs";
import { isUnclaimed, type ReleaseNames, releaseNames } from "./release-names.ts";

/** What keeps this from being released, each with the line to run or to write. */
export function releaseProblems(names: ReleaseNames, tag: string, changelog: string): readonly string[] {
  const { version } = names;
  return [
    ...(tag === `v${version}`
      ? []
      : [
          `the tag is ${tag}, and package.json has version ${version}: npm run names -- --version ${tag.replace(/^v/, "")}`,
        ]),
    ...(isUnclaimed(names)
      ? [
          `package.json's config has names that nobody owns (${names.image}): npm run names -- --image … (CONTRIBUTING.md, "A release")`,
        ]
      : []),
    ...(changelog.includes(`\n## [${version}]`) ? [] : [`CHANGELOG.md has no heading "## [${version}]"`]),
    ...(changelog.includes(`\n## [${version}] – unreleased`)
      ? [`CHANGELOG.md says of ${version} "unreleased": write its date`]
      : []),
  ];
}

/** npm gives `latest` to whatever is published without a tag, and refuses a prerelease without one. */
export function distTag(version: string): "latest" | "next" {
  return version.includes("-") ? "next" : "latest";
}

/** What the jobs of a release need to know. */
function outputs(names: ReleaseNames): Readonly<Record<string, string>> {
  const [registry = ""] = names.image.split("/");
  const { image, charts, version } = names;
  return { image, registry, charts, version, prerelease: String(distTag(version) !== "latest") };
}

if (import.meta.main) {
  const [tag = ""] = process.argv.slice(2);
  const root = new URL("../", import.meta.url);
  const names = releaseNames(root);
  const problems = releaseProblems(names, tag, readFileSync(new URL("CHANGELOG.md", root), "utf8"));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else for (const [key, value] of Object.entries(outputs(names))) console.log(`${key}=${value}`);
}
