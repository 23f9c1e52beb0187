/** What Dependabot would see of this repository: a reference that it does not see is never updated. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { trackedFiles } from "../../../scripts/tracked-files.ts";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const files = trackedFiles(root);
const { updates } = parse(read(".github/dependabot.yml")) as {
  updates: readonly { "package-ecosystem": string; directory?: string; directories?: readonly string[] }[];
};

interface Step {
  readonly id?: string;
  readonly run?: string;
}

/** Whether an entry for the ecosystem has the folder of this file. */
function isWatched(ecosystem: string, file: string): boolean {
  const folder = `/${dirname(file)}`.replace(/^\/\.$/, "/");
  return updates
    .filter((entry) => entry["package-ecosystem"] === ecosystem)
    .flatMap(({ directory, directories = [] }) => [...directories, ...(directory === undefined ? [] : [directory])])
    .some((pattern) => new RegExp(`^${pattern.replaceAll("*", "[^/]+")}$`).test(folder));
}

/**
 * The form that Dependabot's docker file parser reads: registry, image, tag and digest written out. A variable in any
 * of them, and it sees nothing (github.com/dependabot/dependabot-core, docker/lib/dependabot/docker/file_parser.rb).
 */
const SEEN = /^FROM (?:--platform=\S+ )?[\w.-]+(?:\/[\w.-]+)+:[\w.-]+@sha256:[\da-f]{64} AS (?<stage>[\w-]+)$/;

/** The lines that start a stage from an image, and not from a stage of the same file. */
function bases(dockerfile: string): readonly string[] {
  const lines = dockerfile.split("\n").filter((line) => /^FROM\b/.test(line));
  const stages = lines.map((line) => / AS (\S+)$/.exec(line)?.[1]);
  return lines.filter((line) => !stages.includes(line.split(" ").find((word) => !/^(?:FROM|--)/.test(word))));
}

suite("Dependabot", () => {
  // The stand-ins for bases that tests make have no reference outside.
  const dockerfiles = files.filter((file) => /(?:^|\/)Dockerfile$/.test(file) && !file.startsWith("acceptance/"));

  test("sees the image of each base, by tag and digest", () => {
    assert.deepEqual(dockerfiles.sort(), [".github/images/Dockerfile", "Dockerfile"]);
    for (const file of dockerfiles) {
      const found = bases(read(file));
      assert.ok(found.length >= 2, file);
      for (const line of found) assert.match(line, SEEN, file);
      assert.ok(isWatched("docker", file), file);
    }
  });

  test("sees every image that a workflow runs, because workflows take them from a Dockerfile", () => {
    const stages = bases(read(".github/images/Dockerfile")).map((line) => SEEN.exec(line)?.groups?.stage);
    const workflows = files.filter((file) => file.startsWith(".github/workflows/"));
    const used = workflows.flatMap((file) => {
      const text = read(file);
      assert.doesNotMatch(text, /@sha256:[\da-f]{64}/, `${file} names an image itself`);
      return [...text.matchAll(/steps\.images\.outputs\.(\w+) \}\}/g)].map(([, stage]) => stage);
    });
    assert.deepEqual([...new Set(used)].sort(), stages.sort());
  });

  test("lists each stage with its image for the workflows, which all take the list from one script", () => {
    const listed = execFileSync(fileURLToPath(new URL(".github/images/list", root)), { encoding: "utf8" });
    const expected = bases(read(".github/images/Dockerfile")).map((line) =>
      line.replace(/^FROM (\S+) AS (\S+)$/, "$2=$1\n"),
    );
    assert.equal(listed, expected.join(""));
    const steps = files
      .filter((file) => /^\.github\/workflows\//.test(file))
      .flatMap((file) => Object.values<{ steps?: readonly Step[] }>(parse(read(file)).jobs))
      .flatMap((job) => job.steps ?? [])
      .filter((step) => step.id === "images");
    assert.ok(steps.length > 0);
    for (const { run } of steps) assert.equal(run, '.github/images/list >> "$GITHUB_OUTPUT"');
  });

  const manifests = [
    ["gomod", /(?:^|\/)go\.mod$/],
    ["npm", /(?:^|\/)package\.json$/],
    ["pip", /(?:^|\/)requirements.*\.txt$/],
    ["docker-compose", /^examples\/.*compose.*\.ya?ml$/],
    ["github-actions", /^$/],
  ] as const;
  for (const [ecosystem, pattern] of manifests) {
    test(`looks into every folder with files of ${ecosystem}`, () => {
      assert.ok(updates.some((entry) => entry["package-ecosystem"] === ecosystem));
      const unseen = files.filter((file) => pattern.test(file) && !isClient(file) && !isWatched(ecosystem, file));
      assert.deepEqual(unseen, []);
    });
  }
});

/** Clients are pinned as what was measured; a workflow of their own looks at newer ones. */
const isClient = (file: string): boolean => /^conformance\/(?:clients|incident|upstreams)\//.test(file);

test("a base behind a variable would not be seen", () => {
  const digest = `@sha256:${"0".repeat(64)}`;
  for (const line of ["FROM $BASE AS a", `FROM registry.test/a:$VERSION${digest} AS a`, "FROM registry.test/a:1 AS a"])
    assert.doesNotMatch(line, SEEN);
  assert.match(`FROM --platform=$BUILDPLATFORM registry.test/a/b:1.2-slim${digest} AS a`, SEEN);
  assert.deepEqual(bases(`FROM x:1 AS a\nFROM a AS b\nFROM --platform=$P b\nFROM y\n`), ["FROM x:1 AS a", "FROM y"]);
});
