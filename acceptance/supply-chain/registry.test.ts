/**
 * A release by somebody else, under names of their own, into a registry of this machine's: the scripts of release.yml, and
 * then the commands that SECURITY.md gives to verify it. Two things are not GitHub's: the image comes from the Dockerfile
 * without BuildKit, and the certificate that ties signatures to the workflow is from an authority made here.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { bareEnvironment } from "../../test/support/environment.ts";
import { buildImage } from "../image/built-image.ts";
import { checkOut } from "./checkout.ts";
import { openRegistry, type Registry, standInForImagetools } from "./registry.ts";
import { runJob } from "./release.ts";
import { type Signer, signAs } from "./signer.ts";

const exec = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const VERSION = "7.8.9";
const POLICY = "aws-credential-sidecar-policy";
const REPOSITORY = "https://github.com/acme/credentials";

let folder: string;
let cwd: string;
let env: NodeJS.ProcessEnv;
let signer: Signer;
let registry: Registry;
let image: string;
let charts: string;
/** What the jobs hand on to each other. */
let needs: Readonly<Record<string, string>>;

async function job(name: string, given: Readonly<Record<string, string>> = {}, skip: readonly string[] = []) {
  const expressions = { "github.token": "fake-token", "github.ref_name": `v${VERSION}`, ...needs, ...given };
  needs = { ...needs, ...(await runJob(name, { cwd, env: { ...env, ...signer.signing }, expressions }, skip)) };
}

/** What the build job's action does, for one architecture: pushes by digest, and keeps that as a file's name. */
async function pushImage(): Promise<void> {
  const { image: built, podman } = await buildImage();
  const file = join(folder, "digest");
  await podman("push", "--quiet", "--cert-dir", trustOf(registry), "--digestfile", file, built, `${image}:untagged`);
  mkdirSync(join(folder, "digests"));
  writeFileSync(join(folder, "digests", readFileSync(file, "utf8").trim().replace("sha256:", "")), "");
}

/** A folder as podman wants it: a file that ends in .crt is an authority. */
function trustOf({ certificate }: Registry): string {
  const trust = join(folder, "trust");
  mkdirSync(trust, { recursive: true });
  cpSync(certificate, join(trust, "ca.crt"));
  return trust;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "credential-sidecar-"));
  cwd = join(folder, "checkout");
  registry = await openRegistry(folder);
  image = `${registry.host}/acme/credentials`;
  charts = `${registry.host}/acme/charts`;
  needs = {};
  standInForImagetools(join(folder, "bin"));
  const trust = { SSL_CERT_FILE: registry.certificate, NODE_EXTRA_CA_CERTS: registry.certificate };
  env = {
    ...bareEnvironment(folder, { RUNNER_TEMP: folder, ...trust }),
    PATH: [join(folder, "bin"), here("build"), here("../helm/build"), process.env.PATH].join(":"),
  };
  signer = await signAs(folder, `${REPOSITORY}/.github/workflows/release.yml@refs/tags/v${VERSION}`);
  await checkOut(cwd, {
    image,
    charts: `oci://${charts}`,
    package: "@acme/credentials",
    repository: REPOSITORY,
    version: VERSION,
  });
  await job("package", {}, ["npm ci"]);
  // The job downloads what the first one uploaded.
  cpSync(join(cwd, "release"), join(folder, "release"), { recursive: true });
  rmSync(join(cwd, "release"), { recursive: true });
  await pushImage();
  await job("image");
  await job("manifests");
});

after(async () => {
  await registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

suite("a release under names of somebody else's", () => {
  const digest = (): string => needs["needs.image.outputs.digest"] ?? "";

  test("is verified by the commands of SECURITY.md", async () => {
    const [, block = ""] =
      /<!-- verify -->\n```sh\n(.*?)```/s.exec(readFileSync(join(cwd, "SECURITY.md"), "utf8")) ?? [];
    // GitHub's attestation and npm's signatures are theirs alone.
    const own = block.split("\n").filter((line) => !/^(?:gh|npm|sha256sum) /.test(line));
    const chart = await digestOf(`${charts}/${POLICY}:${VERSION}`);
    const script = own
      .join("\n")
      .replace(/^VERSION=.*$/m, `VERSION=${VERSION}`)
      .replace("@sha256:…", `@${digest()}`)
      .replace("@sha256:…", `@${chart}`);
    assert.ok(
      script.includes(`IMAGE=${image}@${digest()}\n`) && script.includes(`CHART=${charts}/${POLICY}@${chart}\n`),
    );
    const { stdout } = await exec("bash", ["--norc", "-euo", "pipefail", "-c", script], {
      env: { ...env, ...signer.verifying },
      maxBuffer: 64 * 1_048_576,
    });
    // What the signed SBOM says is inside.
    assert.match(stdout, /^undici \d/m);
  });

  test("is refused when another workflow signed it", async () => {
    const wrong = [
      "--certificate-oidc-issuer",
      "https://token.actions.githubusercontent.com",
      "--certificate-identity",
    ];
    const other = `${REPOSITORY}/.github/workflows/ci.yml@refs/tags/v${VERSION}`;
    const options = { env: { ...env, ...signer.verifying } };
    await assert.rejects(
      exec("cosign", ["verify", `${image}@${digest()}`, ...wrong, other], options),
      /none of the expected identities/,
    );
  });

  test("is not made twice under one version", async () => {
    await assert.rejects(job("image"), /is published already: a version is never published twice/);
  });

  test("has charts that install the image by its digest", async () => {
    const pulled = join(folder, "pulled");
    const options = { env };
    await exec(
      "helm",
      ["pull", `oci://${charts}/${POLICY}`, "--version", VERSION, "--untar", "--destination", pulled],
      options,
    );
    const { stdout } = await exec("helm", ["template", "policy", join(pulled, POLICY)], options);
    assert.ok(stdout.includes(`"${image}@${digest()}"`), stdout);
  });

  test("has manifests that name the image by its digest, and its own files with their sums", async () => {
    const archive = join(cwd, "release/manifests.tar.gz");
    const { stdout } = await exec("tar", [
      "--extract",
      "--to-stdout",
      "--file",
      archive,
      "examples/kubernetes/deployment.yaml",
    ]);
    const [pod] = parseAllDocuments(stdout)
      .map((document) => document.toJS())
      .filter(({ kind }) => kind === "Deployment");
    assert.equal(pod.spec.template.spec.initContainers[0].image, `${image}:${VERSION}@${digest()}`);
  });
});

async function digestOf(reference: string): Promise<string> {
  const { stdout } = await exec("docker", ["buildx", "imagetools", "inspect", reference], { env });
  return JSON.parse(stdout).digest;
}
