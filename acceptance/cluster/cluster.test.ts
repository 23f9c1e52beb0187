/**
 * The shipped manifests, unchanged, run by a real kubelet: images of this checkout have the names that the manifests give.
 * AWS judges every request of the applications, so that what counts is what they could sign.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../kubernetes/support/cluster.ts";
import { SIDECAR } from "../kubernetes/support/manifests.ts";
import { NodeCluster } from "./cluster.ts";
import { applicationArchive, sidecarArchive } from "./images.ts";
import { runInside } from "./namespace.ts";
import { AWS_PORT, NODE_ADDRESS } from "./settings.ts";

const SIDECAR_IMAGE = "localhost/aws-credential-sidecar:0.1.0";
const APPLICATION_IMAGE = "public.ecr.aws/aws-cli/aws-cli:2.31.0";
const AWS = `http://${NODE_ADDRESS}:${AWS_PORT}`;

let cluster: NodeCluster;

before(async () => {
  cluster = await NodeCluster.start();
  const { folder } = cluster;
  for (const archive of [
    await sidecarArchive(SIDECAR_IMAGE, folder),
    await applicationArchive(APPLICATION_IMAGE, folder),
  ]) {
    await cluster.importImage(archive);
  }
  const program = new URL("surroundings.ts", import.meta.url).pathname;
  await cluster.startBeside({ command: process.execPath, args: [program], ready: /listening/ });
});

after(async () => {
  await cluster?.stop();
});

const kubectl = (...args: readonly string[]): Promise<string> => cluster.kubectl(...args);

async function upstreamDoes(what: "answers" | "unavailable"): Promise<void> {
  await runInside(cluster.network, "curl", "--silent", "--fail", "--request", "POST", `${AWS}/does/${what}`);
}

interface Report {
  readonly aws: { readonly accepted: number; readonly rejected: Readonly<Record<string, number>> };
  readonly imds: { readonly calls: number };
}

async function report(): Promise<Report> {
  return JSON.parse(await runInside(cluster.network, "curl", "--silent", "--fail", `${AWS}/report`));
}

/** One field of every pod with a label. */
async function ofPods(label: string, path: string): Promise<string> {
  return await kubectl("get", "pods", "--selector", label, `--output=jsonpath={.items[*]${path}}`);
}

const startedAt = async (label: string, kind: "containerStatuses" | "initContainerStatuses"): Promise<number> =>
  Date.parse(await ofPods(label, `.status.${kind}[0].state.running.startedAt`));

test("deployment.yaml: the application starts after the sidecar is ready, and its first signed request works", async () => {
  await kubectl("apply", "--filename", "examples/kubernetes/deployment.yaml");
  await kubectl("rollout", "status", "deployment/orders", "--timeout=120s");
  await eventually(async () => (await kubectl("logs", "deployment/orders", "--container=orders")).includes("Account"));
  assert.ok(
    (await startedAt("app=orders", "containerStatuses")) >= (await startedAt("app=orders", "initContainerStatuses")),
  );
  assert.equal(await ofPods("app=orders", ".status.containerStatuses[0].restartCount"), "0");
  assert.deepEqual((await report()).aws.rejected, {});
});

test("job.yaml: a Job completes, and the sidecar does not keep its pod alive", async () => {
  await kubectl("apply", "--filename", "examples/kubernetes/job.yaml");
  await kubectl("wait", "--for=condition=complete", "job/orders-report", "--timeout=120s");
  await eventually(async () => (await ofPods("job-name=orders-report", ".status.phase")) === "Succeeded");
  await kubectl("delete", "job", "orders-report");
});

test("while upstream is down, new pods wait and say why, running ones go on, and all go when it returns", async () => {
  await upstreamDoes("unavailable");
  const waiting = kubectl("scale", "deployment/orders", "--replicas=2");
  await waiting;
  await eventually(async () =>
    /startup probe failed.*503/i.test(await kubectl("get", "events", "--output=jsonpath={.items[*].message}")),
  );
  const phases = (await ofPods("app=orders", ".status.phase")).split(" ").sort();
  assert.deepEqual(phases, ["Pending", "Running"]);
  assert.equal(await ofPods("app=orders", `.status.initContainerStatuses[0].restartCount`), "0 0");
  const logs = await kubectl("logs", "--selector=app=orders", `--container=${SIDECAR}`, "--tail=-1");
  assert.match(logs, /"code":"RefreshFailed"/);
  await upstreamDoes("answers");
  await kubectl("rollout", "status", "deployment/orders", "--timeout=60s");
});

test("boto3 signs through a rolling update and a deleted pod, and never fails", async () => {
  const manifest = await kubectl("get", "deployment", "orders", "--output=json");
  const deployment = JSON.parse(manifest);
  const [container] = deployment.spec.template.spec.containers;
  container.command = ["python3", "/sign.py"];
  deployment.spec.replicas = 3;
  await applyObject(deployment);
  await kubectl("rollout", "status", "deployment/orders", "--timeout=120s");
  await kubectl("rollout", "restart", "deployment/orders");
  await kubectl("rollout", "status", "deployment/orders", "--timeout=120s");
  const [victim = ""] = (await ofPods("app=orders", ".metadata.name")).split(" ");
  await kubectl("delete", "pod", victim);
  await kubectl("rollout", "status", "deployment/orders", "--timeout=120s");
  const logs = await kubectl("logs", "--selector=app=orders", "--container=orders", "--tail=-1", "--prefix");
  assert.match(logs, /signed \d+, failed 0/);
  assert.doesNotMatch(logs, /FAILED/);
  assert.deepEqual((await report()).aws.rejected, {});
  await kubectl("delete", "deployment", "orders");
});

async function applyObject(object: unknown): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  const path = `${cluster.folder}/object.json`;
  await writeFile(path, JSON.stringify(object));
  await kubectl("replace", "--filename", path);
}
