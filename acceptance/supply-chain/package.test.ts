/** A release, by the scripts of its own workflow: what is published to npm, and installed as a user installs it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { documentAnswer } from "../../test/support/credential-documents.ts";
import { bareEnvironment } from "../../test/support/environment.ts";
import { selfSigned } from "../certificate.ts";
import { checkOut } from "./checkout.ts";
import { type Runner, runJob } from "./release.ts";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const golden = fileURLToPath(new URL("files.txt", import.meta.url));
const names = {
  image: "registry.example.test/acme/sidecar",
  charts: "oci://registry.example.test/acme/charts",
  package: "@acme/sidecar",
  repository: "https://github.com/acme/sidecar",
  version: "7.8.9",
};
const { version } = names;
const TARBALL = `acme-sidecar-${version}.tgz`;

let folder: string;
let runner: Runner;

/** A runner with a checkout in it. `dist` of this one belongs to whoever builds here at the same time. */
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "credential-sidecar-"));
  const cwd = join(folder, "checkout");
  await checkOut(cwd, names);
  const env = bareEnvironment(folder, { RUNNER_TEMP: folder });
  runner = { cwd, env, expressions: { "github.ref_name": `v${version}`, "github.token": "fake-token" } };
});
after(() => rmSync(folder, { recursive: true, force: true }));

suite("a release", () => {
  const released = () => join(folder, "checkout/release");
  const tarball = () => join(released(), TARBALL);
  before(() => runJob("package", runner, ["npm ci"]));

  test("has the package and its SBOM", () => {
    const files = readdirSync(released()).sort();
    assert.deepEqual(files, [TARBALL, "sbom.spdx.json"]);
    assert.equal(JSON.parse(readFileSync(join(released(), "sbom.spdx.json"), "utf8")).spdxVersion, "SPDX-2.3");
  });

  // What the bundler splits the program into is its own affair.
  test("has these files in the package and no others", async () => {
    const { stdout } = await exec("tar", ["--list", "--gzip", "--file", tarball()]);
    const files = stdout
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, "").replace(/^dist\/[\w-]+-[\dA-Z]{8}\.mjs$/, "dist/*.mjs"));
    const listed = `${[...new Set(files)].sort().join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, listed);
    const how = "if that is meant: UPDATE_GOLDEN=1 node --test acceptance/supply-chain/package.test.ts";
    assert.equal(listed, readFileSync(golden, "utf8"), how);
  });

  test("installs alone, offline, running no script, and works", async () => {
    const app = join(folder, "app");
    mkdirSync(app);
    writeFileSync(join(app, "package.json"), "{}");
    const env = bareEnvironment(folder);
    await exec("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball()], { cwd: app, env });
    const lock = JSON.parse(readFileSync(join(app, "package-lock.json"), "utf8"));
    assert.deepEqual(Object.keys(lock.packages), ["", "node_modules/@acme/sidecar"]);
    const program = join(app, "node_modules/.bin/aws-credential-sidecar");
    assert.equal((await exec(program, ["--version"], { env })).stdout, `${version}\n`);
    const { stdout } = await exec(program, ["doctor", "--upstream=demo"], { env });
    assert.match(stdout, /^ok {7}default: demo /m);
  });

  test("asks a container endpoint over TLS, which it loads late", async (t) => {
    const { url, certificate } = await tlsEndpoint(t);
    const env = bareEnvironment(folder, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      NODE_EXTRA_CA_CERTS: certificate,
    });
    const program = join(folder, "package/dist/main.mjs");
    const args = [program, "doctor", "--upstream=container", "--admin-listen=off"];
    const { stdout } = await exec(process.execPath, args, { env });
    assert.match(stdout, /^ok {7}default: container answered in \d+ ms: /m);
  });

  test("says where the package was made, which its provenance is checked against, and has no scripts", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8"));
    assert.equal(manifest.repository.url, `git+${names.repository}.git`);
    for (const absent of ["scripts", "dependencies", "devDependencies", "private"]) assert.ok(!(absent in manifest));
  });

  test("carries the licence of everything that is bundled", () => {
    const text = readFileSync(join(folder, "package/THIRD-PARTY-NOTICES.txt"), "utf8");
    const dependencies = readFileSync(join(root, "test/repo/packaging/dependencies.txt"), "utf8").trim().split("\n");
    for (const line of dependencies) {
      const [name = "", licence = ""] = line.split(" ");
      assert.ok(text.includes(`\n${name} `) && text.includes(`(${licence})\n`), name);
    }
    assert.match(text, /Permission is hereby granted, free of charge/);
    assert.match(text, /TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION/);
  });
});

/** A container endpoint that speaks TLS only, with a certificate of its own. */
async function tlsEndpoint(t: TestContext): Promise<{ readonly url: string; readonly certificate: string }> {
  const { key, certificate } = await selfSigned(folder);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
    const { headers, body } = documentAnswer();
    response.writeHead(200, headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`, certificate };
}

test("a tag that does not say the version of package.json is not released", async () => {
  const expressions = { ...runner.expressions, "github.ref_name": "v9.9.9" };
  const refused = runJob("package", { ...runner, expressions }, ["npm ci"]);
  await assert.rejects(refused, /the tag is v9\.9\.9, and package\.json has version 7\.8\.9/);
});

suite("the notes of a release", () => {
  test("name the image by digest, and come with the sums of all files", async () => {
    const bin = join(folder, "bin");
    const work = join(folder, "notes");
    for (const made of [bin, join(work, "release")]) mkdirSync(made, { recursive: true });
    writeFileSync(join(bin, "gh"), `#!/bin/sh\nfor word; do echo "$word"; done >> "$0.calls"\n`);
    chmodSync(join(bin, "gh"), 0o755);
    writeFileSync(join(work, "release", TARBALL), "fake");
    const digest = `sha256:${"0".repeat(64)}`;
    await runJob("notes", {
      cwd: work,
      env: { ...runner.env, PATH: `${bin}:${runner.env.PATH}` },
      expressions: {
        ...runner.expressions,
        "github.repository": "acme/sidecar",
        "needs.package.outputs.image": names.image,
        "needs.package.outputs.prerelease": "false",
        "needs.image.outputs.digest": digest,
      },
    });
    const calls = readFileSync(join(bin, "gh.calls"), "utf8");
    assert.match(calls, /^release\ncreate\nv7\.8\.9\nrelease\/SHA256SUMS\n/);
    assert.ok(calls.includes(`Image: \`${names.image}@${digest}\`.`));
    assert.match(readFileSync(join(work, "release/SHA256SUMS"), "utf8"), new RegExp(`^[\\da-f]{64} {2}${TARBALL}\n$`));
  });
});
