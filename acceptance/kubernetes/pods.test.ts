/** Real pods: the image and real SDKs in one network namespace, with the memory limits of the manifest. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { readLine } from "../../conformance/harness/client-run.ts";
import { type Client, readClients } from "../../conformance/harness/clients.ts";
import { build, buildFolder, requireTools } from "../../conformance/harness/needs.ts";
import { buildImage } from "../image/built-image.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { eventually } from "./support/cluster.ts";
import { podOf, read, root, SIDECAR } from "./support/manifests.ts";
import { PodmanPod } from "./support/podman-pod.ts";

const SURROUNDINGS = "http://127.0.0.1:8080";
const REQUESTS = "20";

let folder: string;
let podman: PodmanPod;

/** The programs of the conformance runs, as they are: built, where they are not yet. */
async function clients(...names: readonly string[]): Promise<readonly Client[]> {
  const all = await readClients(join(root, "conformance/clients"));
  const wanted = all.filter(({ name }) => names.includes(name));
  assert.equal(wanted.length, names.length);
  await requireTools(wanted);
  await build(wanted.filter(({ name }) => !existsSync(join(buildFolder, name))));
  return wanted;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "pods-"));
  const [pod] = read("examples/kubernetes/deployment.yaml").flatMap((object) => podOf(object) ?? []);
  assert.ok(pod);
  const those = await clients("boto3", "java-v1");
  const programs = those.map(({ name, run: [program = "", ...args], folder: workingDir }) => {
    const command = [program.includes("/") ? resolve(workingDir, program) : program, ...args];
    return [name, { command, workingDir, env: { TARGET_URL: SURROUNDINGS, REQUESTS, CONCURRENCY: "1", PACE_MS: "0" } }];
  });
  podman = await PodmanPod.create({
    pod,
    image: (await buildImage()).image,
    folder,
    applications: Object.fromEntries(programs),
    machine: [...new Set(["/usr", "/etc", resolve(root), await pythonPrefix()])],
    others: { surroundings: { command: [process.execPath, join(root, "acceptance/kubernetes/pod-surroundings.ts")] } },
    given: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${SURROUNDINGS}/v1/credentials`, AWS_EC2_METADATA_DISABLED: "true" },
  });
  await podman.start("surroundings");
});

after(async () => {
  await podman?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A virtual environment leads to the Python that made it, which may be anywhere. */
async function pythonPrefix(): Promise<string> {
  return resolve(await realpath(join(buildFolder, "python/bin/python")), "../..");
}

async function upstreamCalls(): Promise<number> {
  const { body } = await podman.request("GET", `${SURROUNDINGS}/report`);
  return (JSON.parse(body) as { readonly agent: { readonly issued: number } }).agent.issued;
}

async function everyRequestIsSigned(container: string): Promise<void> {
  const { code, printed } = await podman.runToEnd(container);
  const line = readLine(`${printed.split("\n").findLast((one) => one.startsWith("{"))}\n`);
  assert.equal(code, 0, printed);
  assert.deepEqual(
    { requests: line?.requests, failed: line?.failed },
    { requests: Number(REQUESTS), failed: 0 },
    printed,
  );
}

test("the sidecar is alive and not ready while upstream has nothing, and started when it has", async () => {
  await podman.start(SIDECAR);
  await eventually(async () => (await podman.probe("livenessProbe")) === 200);
  assert.equal(await podman.probe("startupProbe"), 503);
  await podman.request("POST", `${SURROUNDINGS}/does/answers`);
  await podman.started();
  assert.equal(await upstreamCalls(), 1);
});

for (const application of ["boto3", "java-v1"]) {
  test(`${application} signs every request with what the sidecar holds`, async () => {
    await everyRequestIsSigned(application);
    assert.equal(await upstreamCalls(), 1);
  });
}

test("an application goes on reading when the kubelet has rotated the token", async () => {
  podman.writeToken("fake-token-of-the-kubelet-2");
  await everyRequestIsSigned("boto3");
});

test("upstream cannot fail the probes, and the application reads on without it", async () => {
  await podman.request("POST", `${SURROUNDINGS}/does/unavailable`);
  try {
    await everyRequestIsSigned("boto3");
    assert.equal(await podman.probe("startupProbe"), 200);
    assert.equal(await podman.probe("livenessProbe"), 200);
  } finally {
    await podman.request("POST", `${SURROUNDINGS}/does/answers`);
  }
});

test("a sidecar that is started again has credentials again, and the application reads on", async () => {
  await podman.restart(SIDECAR);
  await podman.started();
  await everyRequestIsSigned("boto3");
  assert.equal(await upstreamCalls(), 2);
});

test("all of this fits the memory limit of the manifest", async () => {
  assert.equal(await podman.inspect(SIDECAR, "{{.HostConfig.Memory}}"), String(MEMORY_LIMIT_MIB * 1_048_576));
  assert.equal(await podman.inspect(SIDECAR, "{{.State.OOMKilled}}"), "false");
});

test("the sidecar ends with 0 when the pod ends", async () => {
  assert.equal(await podman.stop(SIDECAR), 0);
});
