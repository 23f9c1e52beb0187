/** Applications that sign without a pause: the shipped examples with another command, and what these tell of themselves. */
import { type KubernetesObject, type PodSpec, podOf, read, SIDECAR } from "../kubernetes/support/manifests.ts";
import type { Report } from "./report.ts";

export interface SignerOptions {
  /** Of the workload; the names of its pods begin with it. */
  readonly name: string;
  /** Of `examples/kubernetes`. */
  readonly from?: string;
  readonly replicas?: number;
  /** For `application/sign.py`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly runAsUser?: number;
  /** Seconds until it ends by itself. */
  readonly forS?: number;
}

/** The example's pod, whose application signs. */
export function signingPod({ name, from = "deployment.yaml", env = {}, runAsUser, forS }: SignerOptions) {
  const [pod] = read(`examples/kubernetes/${from}`).flatMap((object) => podOf(object) ?? []);
  if (pod?.spec === undefined) throw new Error(`${from} has no pod`);
  const command =
    forS === undefined ? ["python3", "/sign.py"] : ["timeout", "--preserve-status", `${forS}`, "python3", "/sign.py"];
  const containers = pod.spec.containers.map((container) =>
    container.name === SIDECAR
      ? container
      : {
          ...container,
          command,
          env: [...(container.env ?? []), ...Object.entries(env).map(([key, value]) => ({ name: key, value }))],
          ...(runAsUser === undefined
            ? {}
            : { securityContext: { ...(container.securityContext as object), runAsUser } }),
        },
  );
  const { annotations } = pod.metadata;
  return {
    metadata: { labels: { app: name }, ...(annotations && { annotations }) },
    spec: { ...pod.spec, containers },
  };
}

/** A Deployment of it, with the other objects of the example. */
export function signers(options: SignerOptions): readonly object[] {
  const { name, from = "deployment.yaml", replicas = 1 } = options;
  const others = read(`examples/kubernetes/${from}`).filter((object) => podOf(object) === undefined);
  return [...others, deployment(name, replicas, signingPod(options))];
}

function deployment(name: string, replicas: number, template: object): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template },
  };
}

/** A Job of it. */
export function signingJob(options: SignerOptions, spec: object = {}): object {
  const { metadata, spec: pod } = signingPod(options) as { readonly metadata: object; readonly spec: PodSpec };
  const template = { metadata, spec: { ...pod, restartPolicy: "Never" } };
  const { name } = options;
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 0, ...spec, template } };
}

/** A CronJob of it, each minute. */
export function signingCronJob(options: SignerOptions): object {
  const { spec } = signingJob(options) as KubernetesObject;
  const { name } = options;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name },
    spec: { schedule: "* * * * *", jobTemplate: { spec } },
  };
}

export interface Sums {
  readonly pods: number;
  readonly ended: number;
  readonly signed: number;
  readonly faults: readonly string[];
}

/** What the applications of one workload have told. */
export function sumsOf({ told }: Report, name: string): Sums {
  const own = told.filter(({ pod }) => pod.startsWith(`${name}-`));
  const last = new Map(own.map((one) => [one.pod, one]));
  return {
    pods: last.size,
    ended: own.filter(({ ended }) => ended).length,
    signed: [...last.values()].reduce((sum, { signed }) => sum + signed, 0),
    faults: own.flatMap(({ pod, fault }) => (fault === undefined ? [] : [`${pod}: ${fault}`])),
  };
}
