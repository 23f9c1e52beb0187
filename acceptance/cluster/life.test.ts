/**
 * A pod's life in a real cluster: tokens that the kubelet rotates, an outage, everything that ends or moves a pod, and a
 * sidecar that is killed. Applications sign without a pause meanwhile, and tell what failed.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../kubernetes/support/cluster.ts";
import { SIDECAR } from "../kubernetes/support/manifests.ts";
import { AwsCluster, type Namespace } from "./aws-cluster.ts";
import { processOf, starve } from "./node-side.ts";
import { overfill, overfillingJob } from "./overfilling.ts";
import { type Sums, signers, signingCronJob, signingJob, sumsOf } from "./signers.ts";

/** Of STS: the sidecar asks for the next after a third, so that it does during the tests. */
const SESSION_MS = 180_000;
/** Of the application that is not the sidecar's. */
const ANOTHER_UID = 1_000;

let cluster: AwsCluster;
let life: Namespace;
let tokens: Namespace;

before(async () => {
  cluster = await AwsCluster.start();
  await cluster.set({ sessionMs: SESSION_MS });
  tokens = await cluster.namespace("tokens", "irsa");
  await tokens.apply(...signers({ name: "tokens", from: "irsa.yaml", env: { ANEW: "1" }, runAsUser: ANOTHER_UID }));
  life = await cluster.namespace("life");
  await life.apply(
    ...["busy", "killed", "starved"].flatMap((name) => signers({ name, env: { PACE_S: "0.5" } })),
    signingCronJob({ name: "hourly", forS: 5 }),
    signingJob({ name: "late" }, { activeDeadlineSeconds: 45 }),
    overfillingJob({ name: "finishing", drainS: 0.5 }),
    overfillingJob({ name: "endless", drainS: 1_000, sidecarEnv: { SIDECAR_SHUTDOWN_DELAY: "3s" } }),
  );
  await tokens.rolledOut("tokens");
  for (const name of ["busy", "killed", "starved"]) await life.rolledOut(name);
});

after(async () => {
  await cluster?.stop();
});

const sums = async (name: string): Promise<Sums> => sumsOf(await cluster.report(), name);

/** At least so many more requests than now. */
async function signsOn(name: string, more = 10): Promise<void> {
  const { signed } = await sums(name);
  await eventually(async () => (await sums(name)).signed >= signed + more);
}

const ofSidecars = (namespace: Namespace, name: string, field: string): Promise<readonly string[]> =>
  namespace.ofPods(`.status.initContainerStatuses[0].${field}`, `--selector=app=${name}`);

test("web identity with the API server's own tokens, and the shared one by another uid, rotated by the kubelet under boto3: no request fails", async () => {
  const shared = () =>
    tokens.kubectl(
      "exec",
      "deployment/tokens",
      "--container=orders",
      "--",
      "cat",
      "/var/run/secrets/aws-credential-sidecar/token",
    );
  const first = await shared();
  const owner = await tokens.kubectl("exec", "deployment/tokens", "--container=orders", "--", "id", "-u");
  assert.equal(owner.trim(), `${ANOTHER_UID}`);
  assert.equal((await cluster.report()).sts.tokens.length, 1);
  // It knows in memory only when a token is old, and asks for new ones when it has forgotten.
  await cluster.node.restartKubelet();
  await eventually(async () => (await shared()) !== first);
  await signsOn("tokens", 50);
  await eventually(async () => (await cluster.report()).sts.tokens.length > 1, 180_000);
  await signsOn("tokens", 50);
  const { sts, aws } = await cluster.report();
  assert.deepEqual([(await sums("tokens")).faults, sts.refused, aws.rejected], [[], [], {}]);
  assert.deepEqual(await ofSidecars(tokens, "tokens", "restartCount"), ["0"]);
});

test("while upstream is down, new pods wait and say why, running ones go on, and all go when it returns", async () => {
  await cluster.set({ does: "unavailable" });
  await life.kubectl("scale", "deployment/busy", "--replicas=2");
  const waiting = async () =>
    (await life.ofPods(".metadata.name", "--selector=app=busy", "--field-selector=status.phase=Pending"))[0] ?? "";
  await eventually(async () =>
    /Startup probe failed.*503/.test(await life.kubectl("describe", "pod", await waiting())),
  );
  const name = await waiting();
  await eventually(async () =>
    (await life.kubectl("logs", name, `--container=${SIDECAR}`)).includes('"code":"RefreshFailed"'),
  );
  await signsOn("busy", 5);
  await signsOn("tokens", 50);
  const returnedAt = Date.now();
  await cluster.set({ does: "answers" });
  await life.rolledOut("busy");
  console.log(`the application of a pod that waited ran ${Date.now() - returnedAt} ms after upstream's return`);
  assert.deepEqual(await ofSidecars(life, "busy", "restartCount"), ["0", "0"]);
  const events = await cluster.kubectl("get", "events", "--all-namespaces", "--output=jsonpath={.items[*].message}");
  assert.doesNotMatch(events, /Liveness probe failed/);
  assert.deepEqual([(await sums("busy")).faults, (await sums("tokens")).faults], [[], []]);
});

test("a CronJob's pod completes, and activeDeadlineSeconds ends one that would not", async () => {
  await eventually(async () => {
    const succeeded = await life.kubectl("get", "jobs", "--output=jsonpath={.items[*].status.succeeded}");
    return succeeded.includes("1");
  }, 120_000);
  await life.kubectl("patch", "cronjob", "hourly", '--patch={"spec":{"suspend":true}}');
  await eventually(async () =>
    (await life.kubectl("get", "job", "late", "--output=jsonpath={.status.conditions[*].reason}")).includes(
      "DeadlineExceeded",
    ),
  );
  await eventually(async () => (await sums("late")).ended === 1);
  for (const name of ["hourly", "late"]) assert.deepEqual((await sums(name)).faults, []);
  assert.ok((await sums("hourly")).signed > 0);
});

test("evicted for an overfilled volume, applications sign until they end, and no sidecar ends first", async () => {
  const names = ["finishing", "endless"];
  const alone = await Promise.all(names.map((name) => overfill(cluster, life, name)));
  assert.deepEqual(alone, [false, false]);
  const [finishing, endless] = [await sums("finishing"), await sums("endless")];
  assert.deepEqual([finishing.faults, endless.faults], [[], []]);
  assert.deepEqual([finishing.ended, endless.ended], [1, 0], "the second knows no end but SIGKILL");
});

test("a crash of the sidecar costs the application no request, and the next one is ready by itself", async () => {
  const [pod = ""] = await life.ofPods(".metadata.name", "--selector=app=killed");
  process.kill(await processOf(life, pod, SIDECAR), "SIGKILL");
  await eventually(async () => (await ofSidecars(life, "killed", "restartCount"))[0] === "1");
  await eventually(async () => (await ofSidecars(life, "killed", "started"))[0] === "true");
  await assertReadsAndSigns("killed");
});

test("a sidecar that is killed for memory is started again, and the application keeps what it has", async () => {
  const [pod = ""] = await life.ofPods(".metadata.name", "--selector=app=starved");
  starve(await processOf(life, pod, SIDECAR));
  await eventually(async () => {
    await life.kubectl("exec", pod, "--container=orders", "--", "python3", "/flood.py", "100");
    return (await ofSidecars(life, "starved", "restartCount"))[0] === "1";
  });
  assert.deepEqual(await ofSidecars(life, "starved", "lastState.terminated.reason"), ["OOMKilled"]);
  await eventually(async () => (await ofSidecars(life, "starved", "started"))[0] === "true");
  await assertReadsAndSigns("starved");
});

/** The application runs as it did, without a fault, and another of the same container finds credentials. */
async function assertReadsAndSigns(name: string): Promise<void> {
  await signsOn(name, 5);
  const read = "import boto3; print(boto3.Session().get_credentials().get_frozen_credentials().access_key)";
  const key = await life.kubectl("exec", `deployment/${name}`, "--container=orders", "--", "python3", "-c", read);
  assert.match(key, /^ASIAFAKE/);
  assert.deepEqual((await sums(name)).faults, []);
  assert.deepEqual(await life.ofPods(".status.containerStatuses[0].restartCount", `--selector=app=${name}`), ["0"]);
}

test("rolling update, twenty replicas and back, a deleted pod and a drained node: nothing fails, and nothing signs expired", async () => {
  await life.kubectl("rollout", "restart", "deployment/busy");
  await life.rolledOut("busy");
  const { pods: before } = await sums("busy");
  await life.kubectl("scale", "deployment/busy", "--replicas=20");
  await life.rolledOut("busy");
  await eventually(async () => (await sums("busy")).pods >= before + 18);
  await life.kubectl("scale", "deployment/busy", "--replicas=3");
  await eventually(async () => (await life.ofPods(".metadata.name", "--selector=app=busy")).length === 3);
  const [victim = ""] = await life.ofPods(".metadata.name", "--selector=app=busy");
  await life.kubectl("delete", "pod", victim);
  await life.rolledOut("busy");
  await life.kubectl("drain", "node", "--pod-selector=app=busy", "--force", "--timeout=120s");
  await life.kubectl("uncordon", "node");
  await life.rolledOut("busy");
  await eventually(async () => {
    const { pods, ended } = await sums("busy");
    return ended === pods - 3;
  });
  const { pods, signed, faults } = await sums("busy");
  console.log(`${pods} pods signed ${signed} requests`);
  assert.deepEqual(faults, []);
  assert.deepEqual((await cluster.report()).aws.rejected, {});
});
