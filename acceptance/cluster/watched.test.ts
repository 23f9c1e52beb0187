/** What an operator of a real cluster sees of the sidecars: their cost as the kubelet accounts it, metrics, alerts and page. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { median } from "../../bench/figures.ts";
import { eventually } from "../kubernetes/support/cluster.ts";
import { SIDECAR } from "../kubernetes/support/manifests.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { AwsCluster, type Namespace } from "./aws-cluster.ts";
import { type Usage, usageOf } from "./kubelet-stats.ts";
import { runInside } from "./namespace.ts";
import { forgetNode } from "./own-pages.ts";
import { ClusterPrometheus } from "./prometheus.ts";
import { signers } from "./signers.ts";

const NAME = "watched";
const TWENTY = 20;
const READS = 100;

let cluster: AwsCluster;
let namespace: Namespace;

before(async () => {
  cluster = await AwsCluster.start();
  await forgetNode(cluster.node);
  namespace = await cluster.namespace(NAME, "irsa");
  await namespace.apply(...signers({ name: NAME, from: "irsa.yaml", env: { PACE_S: "5" } }));
  await namespace.rolledOut(NAME);
});

after(async () => {
  await cluster?.stop();
});

/** The kubelet measures every ten seconds or so. */
async function usages(isGood: (ones: readonly Usage[]) => boolean): Promise<readonly Usage[]> {
  let found: readonly Usage[] = [];
  await eventually(async () => {
    found = await usageOf(cluster, NAME);
    return isGood(found);
  });
  return found;
}

const inSidecar = (...command: readonly string[]): Promise<string> =>
  namespace.kubectl("exec", `deployment/${NAME}`, `--container=${SIDECAR}`, "--", ...command);

test("the node's first pod is charged for Node's pages, answers 64 connections all the same, and doctor runs beside it", async () => {
  const [first] = await usages(([one]) => one !== undefined && one.workingSet > 0);
  const flood = ["python3", "/flood.py", `${READS}`];
  const { answered, refused, p99Ms } = JSON.parse(
    await namespace.kubectl("exec", `deployment/${NAME}`, "--container=orders", "--", ...flood),
  );
  console.log(`first pod: ${JSON.stringify(first)}; 64 connections: p99 of a read ${p99Ms} ms`);
  assert.deepEqual([answered, refused], [64 * READS, []]);
  const doctor = await inSidecar("/nodejs/bin/node", "/app/main.mjs", "doctor");
  assert.doesNotMatch(doctor, /PROBLEM/);
  assert.deepEqual(await namespace.ofPods(".status.initContainerStatuses[0].restartCount"), ["0"]);
});

test("each of twenty sidecars stays under its limit, and adds what docs/benchmarks.md says", async () => {
  await namespace.kubectl("scale", `deployment/${NAME}`, `--replicas=${TWENTY}`);
  await namespace.rolledOut(NAME);
  const all = await usages((ones) => ones.length === TWENTY && ones.every(({ workingSet }) => workingSet > 0));
  const [sets, rss, cpu] = (["workingSet", "rss", "cpu"] as const).map((field) => all.map((one) => one[field]));
  const most = Math.max(...(sets ?? []));
  console.log(
    `twenty: working set ${median(sets ?? [])} MiB (most ${most}), rss ${median(rss ?? [])} MiB, cpu ${median(cpu ?? [])}m`,
  );
  assert.ok(median(sets ?? []) <= 32, "working set");
  assert.ok(most < MEMORY_LIMIT_MIB, "the first");
  const restarts = await namespace.ofPods(".status.initContainerStatuses[0].restartCount");
  assert.deepEqual(new Set(restarts), new Set(["0"]));
  await namespace.kubectl("scale", `deployment/${NAME}`, "--replicas=1");
});

test("Prometheus scrapes the pods by the PodMonitor's endpoint; the alert fires in an outage and resolves after it", async () => {
  const prometheus = await ClusterPrometheus.start(cluster.node);
  await eventually(async () => {
    await prometheus.discover();
    return (await prometheus.query("up == 1")).length === 1;
  });
  const [up] = await prometheus.query("up == 1");
  assert.deepEqual([up?.namespace, up?.container], [NAME, SIDECAR]);
  const firing = () => prometheus.query('ALERTS{alertname="RefreshFailing", alertstate="firing"}');
  assert.deepEqual(await firing(), []);
  await cluster.set({ does: "unavailable" });
  await namespace.kubectl("scale", `deployment/${NAME}`, "--replicas=2");
  await eventually(async () => {
    await prometheus.discover();
    return (await firing()).length === 1;
  });
  const [alert] = await firing();
  assert.notEqual(alert?.pod, up?.pod, "of the pod that waits");
  await cluster.set({ does: "answers" });
  await namespace.rolledOut(NAME);
  await eventually(async () => (await firing()).length === 0);
});

test("kubectl port-forward reaches the page, which no other pod and no node can", async () => {
  const [pod = ""] = await namespace.ofPods(".metadata.name");
  const [address = ""] = await namespace.ofPods(".status.podIP");
  const { match } = await cluster.node.startKubectl(
    ["port-forward", `--namespace=${NAME}`, pod, ":9912"],
    /Forwarding from (127\.0\.0\.1:\d+)/,
  );
  const curl = (...args: readonly string[]) => runInside(cluster.node.network, "curl", "--silent", ...args);
  assert.match(await curl(`http://${match[1]}/`), /<!doctype html>/i);
  const status = ["--output", "/dev/null", "--write-out", "%{http_code}"];
  assert.equal(await curl(...status, `http://${address}:9912/`), "403");
  assert.equal(await curl(...status, `http://${address}:9912/metrics`), "200");
});
