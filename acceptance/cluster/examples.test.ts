/**
 * Every shipped example, unchanged, run by a real kubelet with the upstream that it names: images of this checkout have the
 * names that the manifests give. AWS judges every request of the applications, so that what counts is what they could sign.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../kubernetes/support/cluster.ts";
import { plainFiles, SIDECAR } from "../kubernetes/support/manifests.ts";
import { AwsCluster, type Namespace } from "./aws-cluster.ts";
import type { Given } from "./given.ts";
import { readmePod } from "./readme.ts";

const FOLDER = "examples/kubernetes/";

/** What each is given, as files or folders of `examples/kubernetes`; the first four have the node's role. */
const examples: Readonly<Record<string, Given>> = {
  "classic.yaml": "nothing",
  "deployment.yaml": "nothing",
  "instance-profile.yaml": "nothing",
  kustomize: "nothing",
  "assume-role.yaml": "pod-identity",
  "irsa.yaml": "irsa",
  "link-local.yaml": "pod-identity",
  "pod-identity.yaml": "pod-identity",
  "two-roles.yaml": "sts",
};

/** These end, or need another node: each has a test of its own. */
const apart: Readonly<Record<string, Given>> = {
  "demo.yaml": "nothing",
  "job.yaml": "nothing",
  "kiam.yaml": "nothing",
  "node-pod.yaml": "nothing",
  "node.yaml": "nothing",
};

let cluster: AwsCluster;
const namespaces = new Map<string, Namespace>();

const applied = (name: string): readonly string[] => [
  "apply",
  name.endsWith(".yaml") ? "--filename" : "--kustomize",
  `${FOLDER}${name}`,
];

async function begin(name: string, given: Given): Promise<Namespace> {
  const namespace = await cluster.namespace(name.replace(".yaml", ""), given);
  namespaces.set(name, namespace);
  await namespace.kubectl(...applied(name));
  return namespace;
}

const namespaceOf = (name: string): Namespace => namespaces.get(name) ?? assert.fail(`${name} was not applied`);

before(async () => {
  cluster = await AwsCluster.start();
  await Promise.all(Object.entries(examples).map(([name, given]) => begin(name, given)));
  await begin("job.yaml", "nothing");
  await begin("demo.yaml", "nothing");
});

after(async () => {
  await cluster?.stop();
});

/** Every container of the applications, in every pod, has printed whom AWS takes it for. */
async function everyApplicationSigns(namespace: Namespace): Promise<void> {
  const applications = (await namespace.pods()).flatMap(({ metadata, spec }) =>
    (spec?.containers ?? [])
      .filter(({ name }) => name !== SIDECAR)
      .map(({ name }) => [`pod/${metadata.name}`, `--container=${name}`]),
  );
  assert.ok(applications.length > 0);
  for (const application of applications)
    await eventually(async () => (await namespace.kubectl("logs", ...application)).includes("Account"));
}

test("README.md: the pod's first signed request works, with the image that its command builds", async () => {
  const namespace = await cluster.namespace("readme");
  await namespace.apply(readmePod());
  await everyApplicationSigns(namespace);
});

test("every example is tried", () => {
  const files = Object.keys({ ...examples, ...apart }).filter((name) => name.endsWith(".yaml"));
  assert.deepEqual(files.sort(), plainFiles.map((path) => path.slice(FOLDER.length)).sort());
});

for (const name of Object.keys(examples)) {
  test(`${name}: the application's first signed request works`, async () => {
    const namespace = namespaceOf(name);
    await namespace.rolledOut("orders");
    await everyApplicationSigns(namespace);
    const restarts = await namespace.ofPods(".status.containerStatuses[*].restartCount");
    assert.match(restarts.join(), /^0( 0)*$/);
  });
}

for (const name of Object.keys(examples).filter((one) => one !== "classic.yaml")) {
  test(`${name}: the application starts after the sidecar is ready`, async () => {
    const [times = ""] = await namespaceOf(name).ofPods(
      `.status.initContainerStatuses[?(@.name=='${SIDECAR}')].state.running.startedAt} {.status.containerStatuses[0].state.running.startedAt`,
    );
    const [sidecar = Number.NaN, application = Number.NaN] = times.split(" ").map(Date.parse);
    assert.ok(application >= sidecar, times);
  });
}

test("job.yaml: a Job completes, and the sidecar does not keep its pod alive", async () => {
  const namespace = namespaceOf("job.yaml");
  await namespace.kubectl("wait", "--for=condition=complete", "job/orders-report", "--timeout=120s");
  await eventually(async () => (await namespace.ofPods(".status.phase"))[0] === "Succeeded");
  const [code] = await namespace.ofPods(".status.initContainerStatuses[0].state.terminated.exitCode");
  assert.equal(code, "0");
});

test("demo.yaml: the Job completes without AWS, with credentials that an AWS CLI found at the sidecar", async () => {
  const namespace = namespaceOf("demo.yaml");
  await namespace.kubectl("wait", "--for=condition=complete", "job/sidecar-demo", "--timeout=120s");
  assert.match(await namespace.kubectl("logs", "job/sidecar-demo", "--container=demo"), /container-role/);
});

test("node.yaml: two pods of node-pod.yaml sign with their node's session, and upstream is asked once for each refresh", async () => {
  const { issued } = (await cluster.report()).imds;
  const askedAnew = async () => (await cluster.report()).imds.issued - issued;
  const namespace = await cluster.namespace("node");
  const token = "--from-literal=token=fake-token-of-the-node";
  await namespace.kubectl("create", "secret", "generic", "aws-credential-node", token);
  await namespace.kubectl(...applied("node.yaml"));
  await namespace.kubectl("rollout", "status", "daemonset/aws-credential-node", "--timeout=180s");
  await namespace.kubectl(...applied("node-pod.yaml"));
  await namespace.kubectl("scale", "deployment/orders", "--replicas=2");
  await namespace.rolledOut("orders");
  await everyApplicationSigns(namespace);
  assert.equal(await askedAnew(), 1);

  const pods = await namespace.ofPods(".metadata.name", "--selector=app=orders");
  assert.equal(pods.length, 2);
  await refresh(namespace, "daemonset/aws-credential-node");
  for (const pod of pods) {
    await refresh(namespace, pod);
    await namespace.kubectl("exec", pod, "--container=orders", "--", "aws", "sts", "get-caller-identity");
  }
  assert.equal(await askedAnew(), 2);
  assert.match((await namespace.ofPods(".status.containerStatuses[*].restartCount")).join(), /^0(,0)*$/);
});

/** Throws when it did not get a new session. */
async function refresh(namespace: Namespace, pod: string): Promise<void> {
  const program = ["/nodejs/bin/node", "/app/main.mjs", "refresh"];
  await namespace.kubectl("exec", pod, `--container=${SIDECAR}`, "--", ...program);
}

test("kiam.yaml: the application signs with kiam's sessions", async () => {
  await cluster.set({ node: "kiam" });
  try {
    const namespace = await begin("kiam.yaml", "nothing");
    await namespace.rolledOut("orders");
    await everyApplicationSigns(namespace);
  } finally {
    await cluster.set({ node: "imds" });
  }
  assert.equal((await cluster.report()).kiam.issued, 1);
});

test("each got its credentials from the upstream that it names, and AWS took every signature", async () => {
  const { agent, sts, aws } = await cluster.report();
  assert.equal(agent.issued, 3, "one for each pod of EKS Pod Identity");
  assert.equal(sts.sessions, 4, "irsa.yaml, the chain, and two roles");
  assert.equal(sts.tokens.length, 2, "the API server's own, of two pods");
  assert.deepEqual([sts.refused, aws.rejected], [[], {}]);
});
