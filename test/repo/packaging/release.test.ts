/** What stops a release, and what does not. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { publishing } from "../../../scripts/publish.ts";
import { distTag, releaseProblems } from "../../../scripts/release-check.ts";

const names = {
  image: "registry.example.test/acme/sidecar",
  charts: "oci://registry.example.test/acme/charts",
  package: "@acme/sidecar",
  repository: "https://github.com/acme/sidecar",
  version: "1.2.3",
};
const changelog = "# Changelog\n\n## [1.2.3] – 2026-01-01\n";

suite("a release", () => {
  test("has no problem with names of its owner's, its version as tag, and a dated heading", () => {
    assert.deepEqual(releaseProblems(names, "v1.2.3", changelog), []);
  });

  test("is told all that is wrong at once, each with the line to run", () => {
    const problems = releaseProblems({ ...names, image: "localhost/sidecar" }, "v2.0.0", "");
    assert.equal(problems.length, 3);
    assert.match(problems[0] ?? "", /npm run names -- --version 2\.0\.0$/);
    assert.match(problems[1] ?? "", /localhost\/sidecar.*npm run names -- --image/);
    assert.match(problems[2] ?? "", /CHANGELOG\.md has no heading "## \[1\.2\.3\]"/);
  });

  test("waits until the changelog dates it", () => {
    const [problem] = releaseProblems(names, "v1.2.3", "\n## [1.2.3] – unreleased\n");
    assert.match(problem ?? "", /write its date/);
  });

  test("of a candidate does not become npm's latest", () => {
    assert.equal(distTag("1.2.3"), "latest");
    assert.equal(distTag("1.2.3-rc.1"), "next");
  });

  test("leaves a package that npm does not know to a person, and publishes nothing twice", () => {
    assert.equal(publishing({ kind: "unknown-package" }, "sha512-a"), "by-hand");
    assert.equal(publishing({ kind: "no-such-version" }, "sha512-a"), "publish");
    assert.equal(publishing({ kind: "version", integrity: "sha512-a" }, "sha512-a"), "done");
    assert.equal(publishing({ kind: "version", integrity: "sha512-b" }, "sha512-a"), "conflict");
  });
});
