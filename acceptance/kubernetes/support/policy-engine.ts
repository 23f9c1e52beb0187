/**
 * The policy as a webhook, which is what Kyverno makes of it: an API server calls it in the order of names, beside other
 * webhooks. A second API server that has the policy, and no webhook, stands in for Kyverno's engine.
 */
import { startWebhook } from "./admission-webhook.ts";
import { Cluster, eventually } from "./cluster.ts";
import { type KubernetesObject, sidecarOf } from "./manifests.ts";
import { admitted, container, enabled, podWith } from "./policy-cluster.ts";

/** As Kyverno names the configuration that it writes for its policies. */
export const KYVERNO = "kyverno-resource-mutating-webhook-cfg";

export interface PolicyEngine {
  readonly configuration: KubernetesObject;
  readonly stop: () => Promise<void>;
}

/** `folder` is for the webhook's certificate, and the caller removes it. */
export async function startPolicyEngine(folder: string): Promise<PolicyEngine> {
  const engine = await Cluster.start("1.37");
  try {
    await engine.kubectl("create", "serviceaccount", "default");
    for (const file of ["policy", "binding"])
      await engine.kubectl("apply", "--server-side", "--filename", `deploy/kubernetes/policy/${file}.yaml`);
    await eventually(
      async () => sidecarOf(await admitted(engine, podWith({ containers: [container("orders")] }))) !== undefined,
    );
    const webhook = await startWebhook(folder, (pod) => patchOf(engine, pod));
    return {
      // As Kyverno's are: pkg/controllers/webhook/controller.go.
      configuration: webhook.configuration({ name: KYVERNO, failurePolicy: "Fail", reinvocationPolicy: "IfNeeded" }),
      stop: async () => {
        webhook.stop();
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function patchOf(engine: Cluster, { metadata, spec }: KubernetesObject): Promise<readonly object[]> {
  const { labels = {}, annotations = {} } = metadata;
  const isEnabled = Object.entries(enabled).every(([name, value]) => labels[name] === value);
  if (!isEnabled || spec === undefined) return [];
  const made = await admitted(engine, podWith(spec, { name: "asked", labels, annotations }));
  return [
    { op: "add", path: "/spec", value: made.spec },
    { op: "add", path: "/metadata/annotations", value: made.metadata.annotations ?? {} },
  ];
}
