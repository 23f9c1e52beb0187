import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { version } from "../../../src/version.ts";

const root = new URL("../../../", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), "utf8");

test("says in SECURITY.md only what a test that exists shows", () => {
  const tests = read("SECURITY.md").match(/test\/[\w/-]+\.(?:test\.ts|txt)/g) ?? [];
  assert.ok(tests.length > 5);
  assert.deepEqual(
    tests.filter((file) => !existsSync(new URL(file, root))),
    [],
  );
});

test("tells how to verify what the release workflow signs", () => {
  const security = read("SECURITY.md");
  const [, path = ""] = /--certificate-identity "\$REPOSITORY\/(\S+)@refs\/tags\/v\$VERSION"/.exec(security) ?? [];
  const release = read(path);
  const [, predicate = ""] = /cosign verify-attestation --type (\w+)/.exec(security) ?? [];
  assert.ok(release.includes(`cosign attest --yes --type ${predicate} `));
  assert.ok(release.includes("cosign sign "));
  assert.match(security, /gh attestation verify/);
  assert.match(release, /uses: actions\/attest@/);
});

test("has the version of package.json in CHANGELOG.md", () => {
  assert.ok(read("CHANGELOG.md").includes(`\n## [${version}] – `), `CHANGELOG.md has no heading for ${version}`);
});

test("carries the licence that package.json names", () => {
  assert.equal(JSON.parse(read("package.json")).license, "Apache-2.0");
  assert.match(
    read("LICENSE"),
    /^\s*Apache License\n\s*Version 2\.0, January 2004\n[\s\S]*END OF TERMS AND CONDITIONS/,
  );
});
