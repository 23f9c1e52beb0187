/**
 * The injection policy and the charts in a real cluster, installed by helm as a user would: what a kubelet makes of the pods,
 * in a namespace that enforces `restricted`, and what it says of a mistyped setting.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "../kubernetes/support/cluster.ts";
import {
  type Container,
  type KubernetesObject,
  type PodSpec,
  podOf,
  read,
  SIDECAR,
} from "../kubernetes/support/manifests.ts";
import { enabled, podWith } from "../kubernetes/support/policy-cluster.ts";
import { AwsCluster, type Namespace } from "./aws-cluster.ts";
import { Helm } from "./helm.ts";
import { LINK_LOCAL } from "./settings.ts";

let cluster: AwsCluster;
let helm: Helm;
let injected: Namespace;

/** The Deployment of the kustomize example, which knows nothing of a sidecar. */
const plain = read("examples/kubernetes/kustomize/deployment.yaml")[0] as KubernetesObject;
const podSpec = podOf(plain)?.spec;
const [application] = podSpec?.containers ?? [];
const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/** With the label on its pods, and with these init containers. */
function labelled(name: string, ...initContainers: readonly Container[]): KubernetesObject {
  const template = plain.spec?.template;
  assert.ok(template && application);
  const labels = { app: name, ...enabled };
  const spec = {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels }, spec: { ...template.spec, initContainers } },
  };
  return { ...plain, metadata: { name }, spec: spec as unknown as NonNullable<KubernetesObject["spec"]> };
}

before(async () => {
  cluster = await AwsCluster.start();
  helm = await Helm.of(cluster.node);
  await helm.run("install", SIDECAR, "policy", "--namespace=default");
  injected = await cluster.namespace("injected");
  await injected.kubectl("label", "namespace", "injected", "pod-security.kubernetes.io/enforce=restricted");
  // Nothing tells when a policy has come into force.
  await eventually(async () => {
    const image = application?.image ?? "";
    const dryRun = ["run", "asked", `--image=${image}`, `--labels=${Object.entries(enabled)[0]?.join("=")}`];
    const made = await cluster.kubectl(...dryRun, "--dry-run=server", "--output=json");
    return made.includes("localhost/aws-credential-sidecar");
  });
});

after(async () => {
  await cluster?.stop();
});

test("a labelled Deployment of a restricted namespace signs in its own init container, beside a mesh's native sidecar, and in its application", async () => {
  assert.ok(application);
  const migrate = { ...application, name: "migrate", command: ["aws", "sts", "get-caller-identity"] };
  const proxy = { ...application, name: "proxy", restartPolicy: "Always", command: ["sh", "-c", "sleep 1000000"] };
  await injected.apply(labelled("orders", proxy, migrate));
  await injected.rolledOut("orders");
  const [pod] = await injected.pods();
  assert.deepEqual(
    pod?.spec?.initContainers?.map(({ name }) => name),
    [SIDECAR, "proxy", "migrate"],
  );
  for (const container of ["migrate", "orders"])
    await eventually(async () =>
      (await injected.kubectl("logs", "deployment/orders", `--container=${container}`)).includes("Account"),
    );
  assert.deepEqual((await cluster.report()).aws.rejected, {});
  // Of the pod's volumes only the token with an audience of its own is left.
  assert.deepEqual(
    pod?.spec?.volumes?.map(({ name }) => name),
    ["aws-credential-sidecar-token"],
  );
  await injected.kubectl("delete", "deployment", "orders");
});

async function podNamed(name: string): Promise<KubernetesObject> {
  return JSON.parse(await injected.kubectl("get", "pod", name, "--output=json")) as KubernetesObject;
}

test("a pod is applied again, and created again as it was read: it has one sidecar, and signs", async () => {
  assert.ok(application);
  const made = podWith({ ...podSpec, containers: [application] }, { name: "once" });
  await injected.apply(made);
  await injected.apply(made);
  const { spec } = await podNamed("once");
  assert.ok(spec);
  const { nodeName: _, ...readAgain } = spec as PodSpec & { readonly nodeName?: string };
  await injected.apply(podWith(readAgain, { name: "twice" }));
  for (const name of ["once", "twice"]) {
    await injected.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s");
    await eventually(async () =>
      (await injected.kubectl("logs", name, `--container=${application.name}`)).includes("Account"),
    );
  }
  const { spec: again } = await podNamed("twice");
  for (const part of ["initContainers", "containers", "volumes"] as const) assert.deepEqual(again?.[part], spec[part]);
  assert.deepEqual(
    spec.initContainers?.map(({ name }) => name),
    [SIDECAR],
  );
  await injected.kubectl("delete", "pod", "once", "twice", "--wait=false");
});

test("a container that names a client signs by the sidecar, and one that brings its own endpoint signs by that", async () => {
  assert.ok(application);
  const own = "http://127.0.0.1:9911/v1/for/botocore/credentials";
  const agent = `http://${LINK_LOCAL.agent}/v1/credentials`;
  const token = { audience: "pods.eks.amazonaws.com", path: "token" };
  const asking = (name: string, env: Readonly<Record<string, string>>, more: Partial<Container> = {}): Container => ({
    ...application,
    ...more,
    name,
    env: [...(application.env ?? []), ...Object.entries(env).map(([key, value]) => ({ name: key, value }))],
  });
  const named = asking("named", { [URI]: own });
  const elsewhere = asking(
    "elsewhere",
    { [URI]: agent, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/agent/token" },
    { volumeMounts: [{ name: "agent", mountPath: "/agent" }] },
  );
  const volumes = [{ name: "agent", projected: { sources: [{ serviceAccountToken: token }] } }];
  const { issued } = (await cluster.report()).agent;
  await injected.apply(podWith({ ...podSpec, containers: [named, elsewhere], volumes }, { name: "own" }));
  await injected.kubectl("wait", "--for=condition=Ready", "pod/own", "--timeout=120s");
  for (const { name } of [named, elsewhere])
    await eventually(async () => (await injected.kubectl("logs", "own", `--container=${name}`)).includes("Account"));
  const { agent: after, aws } = await cluster.report();
  assert.deepEqual([after.issued - issued, aws.rejected], [1, {}]);
  const { spec } = await podNamed("own");
  const uris = spec?.containers.map(({ env }) => env?.filter(({ name }) => name === URI).map(({ value }) => value));
  assert.deepEqual(uris, [[own], [agent]]);
  assert.deepEqual(
    spec?.containers.map(({ volumeMounts }) => volumeMounts?.map(({ name }) => name)),
    [["aws-credential-sidecar-token"], ["agent"]],
  );
  await injected.kubectl("delete", "pod", "own", "--wait=false");
});

test("a mistyped setting in the namespace's ConfigMap: kubectl describe names it", async () => {
  const mistyped = await cluster.namespace("mistyped");
  await mistyped.kubectl("create", "configmap", SIDECAR, "--from-literal=SIDECAR_UPSTREM=imds");
  await mistyped.apply(labelled("orders"));
  await eventually(async () =>
    /Message:[\s\S]*SIDECAR_UPSTREM/.test(await mistyped.kubectl("describe", "pods", "--selector=app=orders")),
  );
  await mistyped.kubectl("delete", "configmap", SIDECAR);
  await mistyped.kubectl("delete", "deployment", "orders");
});

test("helm installs, upgrades, rolls back and uninstalls the example chart, and the application signs each time", async () => {
  // The chart's own values: a role that is assumed with EKS Pod Identity's.
  const shop = await cluster.namespace("shop", "pod-identity");
  const release = ["orders", "example", "--namespace=shop", "--wait", "--timeout=180s"];
  const sidecarLevel = async () =>
    (await shop.pods()).flatMap(({ spec }) =>
      (spec?.initContainers?.[0]?.env ?? [])
        .filter(({ name }) => name === "SIDECAR_LOG_LEVEL")
        .map(({ value }) => value),
    );
  const signs = async () => {
    await shop.rolledOut("orders");
    await eventually(async () => (await shop.kubectl("logs", "deployment/orders")).includes("Account"));
  };
  await helm.run("install", ...release);
  await signs();
  await helm.run("upgrade", ...release, "--set", `${SIDECAR}.env.SIDECAR_LOG_LEVEL=warn`);
  await signs();
  await eventually(async () => (await sidecarLevel()).join() === "warn");
  await helm.run("rollback", "orders", "1", "--namespace=shop", "--wait", "--timeout=180s");
  await signs();
  await eventually(async () => (await shop.pods()).length === 1 && (await sidecarLevel()).length === 0);
  await helm.run("uninstall", "orders", "--namespace=shop", "--wait");
  await eventually(async () => (await shop.pods()).length === 0);
  assert.deepEqual((await cluster.report()).aws.rejected, {});
});
