/** Under which names this is released: one place has them, and no file runs what a stranger could publish. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { before, suite, type TestContext, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isUnclaimed, type ReleaseNames, releaseNames, renamed } from "../../../scripts/release-names.ts";
import { copyCheckout, trackedFiles } from "../../../scripts/tracked-files.ts";
import { temporaryDirectory } from "../../support/environment.ts";

const root = new URL("../../../", import.meta.url);
const names = releaseNames(root);
const theirs: ReleaseNames = {
  image: "registry.example.test:5000/acme/credentials",
  charts: "oci://registry.example.test:5000/acme/charts",
  package: "@acme/credentials",
  repository: "https://git.example.test/acme/credentials",
  version: "7.8.9",
  digest: `sha256:${"a".repeat(64)}`,
};

/** Each tracked file's text, by its path; symbolic links lead to others of them. */
function tracked(folder: URL): ReadonlyMap<string, string> {
  return new Map(trackedFiles(folder).map((path) => [path, readFileSync(new URL(path, folder), "latin1")]));
}

/** The references to an image of ours in manifests, charts and documents, whoever is said to own it. */
const references = (text: string): readonly string[] =>
  [...text.matchAll(/(?<![\w./-])(?:[\w.-]+(?::\d+)?\/)+aws-credential-sidecar(?::\d[\w.-]*|@sha256:\w+)/g)].map(
    String,
  );

suite("the names of a release", () => {
  const published = [...tracked(root)].filter(([path]) => /^(?:deploy|examples|docs)\/|^[A-Z]\w+\.md$/.test(path));

  test("are those of package.json in every manifest, chart and document", () => {
    const found = published.flatMap(([path, text]) => references(text).map((reference) => ({ path, reference })));
    assert.ok(found.length >= 15, `${found.length} references`);
    assert.deepEqual(
      found.filter(({ reference }) => !reference.startsWith(`${names.image}:${names.version}`)),
      [],
    );
  });

  test("are on hosts that nobody can own, until somebody sets theirs", () => {
    assert.equal(isUnclaimed(names), names.image.startsWith("localhost/"));
    assert.equal(isUnclaimed(theirs), false);
    for (const key of ["image", "charts", "repository"] as const)
      assert.equal(isUnclaimed({ ...theirs, [key]: names[key] }), isUnclaimed(names), key);
  });

  test("appear in no advice to run a package that may be a stranger's", () => {
    const advice = published.flatMap(([path, text]) =>
      [...text.matchAll(/\b(?:npx|npm (?:i|install) (?:-g )?|npm exec )\s*aws-credential-sidecar\b.*/g)].map(
        ([line]) => `${path}: ${line}`,
      ),
    );
    assert.deepEqual(advice, []);
  });
});

suite("npm run names", () => {
  let files: ReadonlyMap<string, string>;
  before(() => {
    files = tracked(root);
  });

  /** A checkout of its own, without what was installed. */
  function checkout(t: TestContext): URL {
    const folder = pathToFileURL(`${temporaryDirectory(t)}/`);
    copyCheckout(root, folder);
    return folder;
  }

  function setNames(folder: URL, to: Partial<ReleaseNames>): ReleaseNames {
    const flags = Object.entries(to).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const program = fileURLToPath(new URL("scripts/names.ts", folder));
    return JSON.parse(execFileSync(process.execPath, [program, ...flags], { encoding: "utf8", stdio: "pipe" }));
  }

  test("puts a releaser's names, version and digest into every file, and can take them back", (t) => {
    const folder = checkout(t);
    assert.deepEqual(setNames(folder, theirs), theirs);
    const after = tracked(folder);
    const kept = [...after].filter(
      ([path, text]) => path !== "package-lock.json" && !/\.(?:svg|png)$/.test(path) && holds(text),
    );
    assert.deepEqual(
      kept.map(([path]) => path),
      [],
    );
    assert.match(
      after.get("examples/kubernetes/deployment.yaml") ?? "",
      new RegExp(`image: ${theirs.image}:7\\.8\\.9@${theirs.digest}\n`),
    );
    assert.match(after.get("deploy/helm/policy/values.yaml") ?? "", new RegExp(`digest: ${theirs.digest}\n`));
    assert.match(after.get("deploy/helm/example/Chart.yaml") ?? "", / {4}version: 7\.8\.9\n/);
    const { digest: _, ...back } = names;
    setNames(folder, back);
    const changed = [...tracked(folder)].filter(([path, text]) => text !== files.get(path)).map(([path]) => path);
    // This file has their names too.
    assert.deepEqual(changed, ["test/repo/packaging/names.test.ts"]);
  });

  const holds = (text: string): boolean =>
    [names.image, names.charts, names.repository].some((name) => text.includes(name));

  test("refuses a name that no registry takes, and says what is allowed", (t) => {
    const folder = checkout(t);
    assert.throws(
      () => setNames(folder, { image: "Acme/Sidecar" }),
      /--image "Acme\/Sidecar": not allowed; an example: ghcr\.io/,
    );
    assert.throws(() => setNames(folder, { digest: "sha256:abc" }), /--digest/);
    assert.deepEqual(tracked(folder), files);
  });
});

test("a reference with a digest takes the new one, and none when none is given", () => {
  const { digest: _, ...tagged } = theirs;
  const written = renamed(`image: ${names.image}:${names.version}`, names, theirs);
  assert.equal(written, `image: ${theirs.image}:7.8.9@${theirs.digest}`);
  assert.equal(renamed(written, theirs, tagged), `image: ${theirs.image}:7.8.9`);
});
