/** A release, by the scripts of its own workflow: what is published to npm, and installed as a user installs it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { version } from "../../src/version.ts";
import { documentAnswer } from "../../test/support/credential-documents.ts";
import { bareEnvironment } from "../../test/support/environment.ts";
import { selfSigned } from "../certificate.ts";
import { type Runner, runJob } from "./release.ts";

const exec = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const golden = fileURLToPath(new URL("files.txt", import.meta.url));
const sources = ["src", "scripts", "package.json", "package-lock.json", ".npmrc", "tsconfig.json"];
const papers = ["README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md"];

let folder: string;
let runner: Runner;

/** A runner with the checkout in it. `dist` of this one belongs to whoever builds here at the same time. */
before(() => {
  folder = mkdtempSync(join(tmpdir(), "credential-sidecar-"));
  const cwd = join(folder, "checkout");
  mkdirSync(cwd);
  for (const entry of [...sources, ...papers]) cpSync(join(root, entry), join(cwd, entry), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
  const env = bareEnvironment(folder, { RUNNER_TEMP: folder, GITHUB_REPOSITORY: "Example/Sidecar" });
  runner = { cwd, env, expressions: { "github.ref_name": `v${version}`, "github.token": "fake-token" } };
});
after(() => rmSync(folder, { recursive: true, force: true }));

suite("a release", () => {
  const released = () => join(folder, "checkout/release");
  const tarball = () => join(released(), `aws-credential-sidecar-${version}.tgz`);
  before(() => runJob("package", runner, ["npm ci"]));

  test("has the package and its SBOM", () => {
    const files = readdirSync(released()).sort();
    assert.deepEqual(files, [`aws-credential-sidecar-${version}.tgz`, "sbom.spdx.json"]);
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
    assert.deepEqual(Object.keys(lock.packages), ["", "node_modules/aws-credential-sidecar"]);
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
    assert.equal(manifest.repository.url, "git+https://github.com/Example/Sidecar.git");
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
  await assert.rejects(runJob("package", { ...runner, expressions }, ["npm ci"]), /Command failed: .*test "\$TAG"/);
});

suite("the steps that need a registry", () => {
  /** A program of this name that writes down what it was called with. */
  function recorder(name: string): () => string {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\nfor word; do echo "$word"; done >> "$0.calls"\n`);
    chmodSync(join(bin, name), 0o755);
    return () => readFileSync(join(bin, `${name}.calls`), "utf8");
  }
  const withRecorders = (given: Runner["expressions"]): Runner => ({
    cwd: runner.cwd,
    env: {
      ...runner.env,
      PATH: `${join(folder, "bin")}:${runner.env.PATH}`,
      GITHUB_OUTPUT: join(folder, "output"),
    },
    expressions: { ...runner.expressions, ...given },
  });
  const image = "ghcr.io/example/sidecar";
  const digest = `sha256:${"0".repeat(64)}`;

  test("name the image in small letters, and sign it and its SBOM by digest", async () => {
    const calls = recorder("cosign");
    for (const name of ["git", "sudo"]) recorder(name);
    const outputs = { "steps.name.outputs.image": image, "steps.build.outputs.digest": digest };
    await runJob("image", withRecorders(outputs));
    assert.equal(readFileSync(join(folder, "output"), "utf8"), `image=${image}\nversion=${version}\ncreated=\n`);
    const words = calls().trim().split("\n");
    assert.deepEqual(words.slice(0, 4), ["sign", "--yes", "--recursive", `${image}@${digest}`]);
    assert.deepEqual(words.slice(-3), ["--predicate", join(folder, "release/sbom.spdx.json"), `${image}@${digest}`]);
  });

  test("publish what was packed, and nothing that lies about", async () => {
    const calls = recorder("npm");
    const { cwd, ...rest } = withRecorders({});
    await runJob("npm", { ...rest, cwd: join(cwd, "release") });
    const words = calls().trim().split("\n");
    assert.deepEqual(words.slice(0, 2), ["publish", `./aws-credential-sidecar-${version}.tgz`]);
    assert.ok(words.includes("--provenance"));
  });

  test("name the image by digest in the notes", async () => {
    const calls = recorder("gh");
    await runJob(
      "notes",
      withRecorders({ "github.repository": "Example/Sidecar", "needs.image.outputs.reference": `${image}@${digest}` }),
    );
    assert.match(calls(), new RegExp(`^release\ncreate\nv${version}\nrelease/`));
    assert.ok(calls().includes(`Image: \`${image}@${digest}\`.`));
  });
});
