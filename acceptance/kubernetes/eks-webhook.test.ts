/**
 * The policy beside EKS' webhook in a real API server, whose order is fixed: policies first, webhooks after them, and the
 * policy once more when a webhook has changed the pod. With a policy engine, which is a webhook itself, the names decide.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type Cluster, eventually } from "./support/cluster.ts";
import { type EksWebhook, given, type Kind, startEksWebhook } from "./support/eks-webhook.ts";
import { type Container, type KubernetesObject, type PodSpec, read, sidecarOf } from "./support/manifests.ts";
import { admitted, clusterWithPolicy, container, podWith, withoutPolicy } from "./support/policy-cluster.ts";
import { type PolicyEngine, startPolicyEngine } from "./support/policy-engine.ts";

const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const OURS = "http://127.0.0.1:9911/v1/credentials";
const SKIP = "eks.amazonaws.com/skip-containers";

let cluster: Cluster;
let webhook: EksWebhook;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "eks-webhook-"));
  webhook = await startEksWebhook(folder);
  cluster = await clusterWithPolicy();
  await eventually(async () => {
    await assert.rejects(admitted(cluster, podWith({ hostNetwork: true, containers: [container("orders")] })));
    return true;
  });
});

after(async () => {
  await cluster?.stop();
  webhook?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const valuesOf = ({ env = [] }: Container): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]));

/** Without that of the API server's own token. */
const mountsOf = ({ volumeMounts = [] }: Container): readonly string[] =>
  volumeMounts.map(({ name }) => name).filter((name) => !name.startsWith("kube-api-access-"));

function only({ spec }: KubernetesObject): Container {
  const [first] = spec?.containers ?? [];
  assert.ok(first);
  return first;
}

const spec: PodSpec = { initContainers: [container("migrate")], containers: [container("orders")] };

for (const kind of ["irsa", "pod-identity"] as const satisfies readonly Kind[]) {
  const { variables, volume } = given[kind];
  suite(`with the webhook's ${kind}`, () => {
    before(async () => {
      await cluster.kubectl("delete", "mutatingwebhookconfigurations", "--all");
      await cluster.apply(webhook.configuration(kind));
      // Nothing tells when a webhook has come into force.
      await eventually(async () => only(await admitted(cluster, podWith(spec, { labels: {} }))).env?.[0] !== undefined);
    });

    test("the sidecar gets the webhook's variables and token, and every other container only the sidecar's", async () => {
      const pod = await admitted(cluster, podWith(spec));
      const sidecar = sidecarOf(pod);
      assert.ok(sidecar);
      for (const [name, value] of Object.entries(variables)) assert.equal(valuesOf(sidecar)[name], value);
      assert.ok(mountsOf(sidecar).includes(volume));
      const [, migrate] = pod.spec?.initContainers ?? [];
      for (const client of [only(pod), migrate]) {
        assert.ok(client);
        const { AWS_REGION, AWS_DEFAULT_REGION, ...others } = valuesOf(client);
        assert.deepEqual(others, {
          [URI]: OURS,
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/aws-credential-sidecar/token",
        });
        assert.deepEqual([AWS_REGION, AWS_DEFAULT_REGION], ["eu-west-1", "eu-west-1"]);
        assert.deepEqual(mountsOf(client), ["aws-credential-sidecar-token"]);
      }
      assert.equal(pod.metadata.annotations?.[SKIP], "orders,migrate");
    });

    test("a container that brings credentials of its own is left to the webhook", async () => {
      const own = container("own", { env: Object.entries(variables).map(([name, value]) => ({ name, value })) });
      const pod = await admitted(cluster, podWith({ containers: [container("orders"), own] }));
      assert.equal(pod.metadata.annotations?.[SKIP], "orders");
      const [, made] = pod.spec?.containers ?? [];
      assert.ok(made && mountsOf(made).includes(volume));
    });

    test("an annotation that the pod has stays", async () => {
      const annotations = { [SKIP]: "orders" };
      assert.deepEqual((await admitted(cluster, podWith(spec, { annotations }))).metadata.annotations, annotations);
    });

    if (kind === "irsa")
      test("a pod whose annotation leaves every container to the webhook is refused, and told why", async () => {
        const annotations = { [SKIP]: "nobody" };
        await assert.rejects(admitted(cluster, podWith(spec, { annotations })), /skip-containers does not name/);
      });

    test("a pod that the webhook has changed before the policy is refused, and told why", async () => {
      const changed = await admitted(cluster, podWith(spec, { labels: {} }));
      assert.ok(changed.spec);
      await assert.rejects(
        admitted(cluster, podWith(changed.spec, { name: "changed" })),
        /got the variables of the EKS webhook, .* before the policy/s,
      );
    });
  });
}

test("the examples for IRSA and for Pod Identity give their sidecar what it needs, beside the webhook they are for", async () => {
  for (const [path, kind] of [
    ["examples/kubernetes/irsa.yaml", "irsa"],
    ["examples/kubernetes/pod-identity.yaml", "pod-identity"],
  ] as const) {
    await cluster.kubectl("delete", "mutatingwebhookconfigurations", "--all");
    await cluster.apply(webhook.configuration(kind));
    const objects = read(path);
    for (const account of objects.filter((one) => one.kind === "ServiceAccount")) await cluster.apply(account);
    const template = objects.find((one) => one.kind === "Deployment")?.spec?.template;
    assert.ok(template);
    const made = await eventuallyServed(podWith(template.spec, { ...template.metadata, name: "example" }));
    const sidecar = sidecarOf(made);
    assert.ok(sidecar);
    const { variables } = given[kind];
    for (const [name, value] of Object.entries(variables)) assert.equal(valuesOf(sidecar)[name], value, path);
    assert.equal(valuesOf(only(made))[URI], OURS, path);
    assert.equal(valuesOf(only(made)).AWS_WEB_IDENTITY_TOKEN_FILE, undefined, path);
  }
});

suite("with the policy in an engine that is a webhook, as Kyverno is", () => {
  let engine: PolicyEngine;

  before(async () => {
    engine = await startPolicyEngine(folder);
    await cluster.kubectl("delete", "mutatingwebhookconfigurations", "--all");
    await withoutPolicy(cluster);
    await cluster.apply(engine.configuration);
  });

  after(async () => await engine?.stop());

  for (const kind of ["irsa", "pod-identity"] as const) {
    test(`the webhook's ${kind} after it, by its shipped name: only the sidecar gets the webhook's variables`, async () => {
      await cluster.apply(webhook.configuration(kind));
      const pod = await eventuallyServed(podWith(spec));
      const sidecar = sidecarOf(pod);
      assert.ok(sidecar);
      const { variables, volume } = given[kind];
      for (const [name, value] of Object.entries(variables)) assert.equal(valuesOf(sidecar)[name], value);
      const client = only(pod);
      assert.equal(valuesOf(client)[URI], OURS);
      assert.equal(valuesOf(client).AWS_WEB_IDENTITY_TOKEN_FILE, undefined);
      assert.equal(valuesOf(client).AWS_REGION, "eu-west-1");
      assert.ok(!mountsOf(client).includes(volume));
      await cluster.kubectl("delete", "mutatingwebhookconfigurations", "pod-identity-webhook");
    });

    test(`the webhook's ${kind} before it, by a name of its own: the pod is refused, and told why`, async () => {
      const name = "aws-pod-identity-webhook";
      await cluster.apply(webhook.configuration(kind, name));
      await eventually(async () => {
        const refusal = await admitted(cluster, podWith(spec)).then(() => "", String);
        return /got the variables of the EKS webhook, .* before the policy/s.test(refusal);
      });
      await cluster.kubectl("delete", "mutatingwebhookconfigurations", name);
    });
  }
});

/** The configuration of the webhook has just been changed. */
async function eventuallyServed(pod: KubernetesObject): Promise<KubernetesObject> {
  let made = pod;
  await eventually(async () => {
    made = await admitted(cluster, pod);
    return (
      made.spec?.volumes?.some(({ projected }) => JSON.stringify(projected ?? {}).includes("amazonaws.com")) === true
    );
  });
  return made;
}
