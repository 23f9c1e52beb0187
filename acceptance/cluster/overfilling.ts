/** A pod that writes more into its volume than it may: the kubelet evicts it, whatever else the node has to spare. */
import assert from "node:assert/strict";
import { eventually } from "../kubernetes/support/cluster.ts";
import { SIDECAR } from "../kubernetes/support/manifests.ts";
import type { AwsCluster, Namespace } from "./aws-cluster.ts";
import { isEverAlone, processOf } from "./node-side.ts";
import { SCRATCH, signingJob, sumsOf } from "./signers.ts";

/** The kubelet gives a pod that it evicts one second, and kills what has not ended after two. */
interface Overfilling {
  readonly name: string;
  /** How long the application works on after SIGTERM, in seconds. */
  readonly drainS: number;
  /** Of the sidecar. */
  readonly sidecarEnv?: Readonly<Record<string, string>>;
}

/** Its application reads credentials anew a few times a second. */
export function overfillingJob({ name, drainS, sidecarEnv = {} }: Overfilling): object {
  const env = { ANEW: "1", PACE_S: "0.02", DRAIN_S: `${drainS}` };
  return signingJob({ name, scratch: "1Mi", env, sidecarEnv });
}

/** Overfills it, and tells whether the application was ever seen without its sidecar until it ended. */
export async function overfill(cluster: AwsCluster, namespace: Namespace, name: string): Promise<boolean> {
  await eventually(async () => sumsOf(await cluster.report(), name).signed > 0);
  const [pod = ""] = await namespace.ofPods(".metadata.name", `--selector=app=${name}`);
  const application = await processOf(namespace, pod, "orders");
  const sidecar = await processOf(namespace, pod, SIDECAR);
  const fill = ["sh", "-c", `head -c 4194304 /dev/zero > ${SCRATCH}/full`];
  await namespace.kubectl("exec", pod, "--container=orders", "--", ...fill);
  const alone = await isEverAlone(application, sidecar);
  // An event, for the kubelet removes the containers of an evicted pod, and what it knows of them.
  const events = ["get", "events", `--field-selector=reason=Evicted,involvedObject.name=${pod}`];
  assert.match(await namespace.kubectl(...events), /EmptyDir volume "scratch" exceeds the limit "1Mi"/);
  return alone;
}
