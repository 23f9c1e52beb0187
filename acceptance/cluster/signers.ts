/** Applications that sign without a pause: the shipped examples with another command, and what these tell of themselves. */
import {
  type Container,
  type KubernetesObject,
  type PodSpec,
  podOf,
  read,
  SIDECAR,
} from "../kubernetes/support/manifests.ts";
import type { Report } from "./report.ts";

export interface SignerOptions {
  /** Of the workload; the names of its pods begin with it. */
  readonly name: string;
  /** Of `examples/kubernetes`. */
  readonly from?: string;
  readonly replicas?: number;
  /** For `application/sign.py`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sidecarEnv?: Readonly<Record<string, string>>;
  readonly runAsUser?: number;
  /** Seconds until it ends by itself. */
  readonly forS?: number;
  /** What it may write to {@link SCRATCH}; the kubelet evicts a pod that has more there. A quantity of Kubernetes. */
  readonly scratch?: string;
}

/** A folder of a pod with the option of that name. */
export const SCRATCH = "/scratch";

/** The example's pod, whose application signs. */
export function signingPod({
  name,
  from = "deployment.yaml",
  env = {},
  sidecarEnv,
  runAsUser,
  forS,
  scratch,
}: SignerOptions) {
  const [pod] = read(`examples/kubernetes/${from}`).flatMap((object) => podOf(object) ?? []);
  if (pod?.spec === undefined) throw new Error(`${from} has no pod`);
  const command =
    forS === undefined ? ["python3", "/sign.py"] : ["timeout", "--preserve-status", `${forS}`, "python3", "/sign.py"];
  const signing = (container: Container): Container => ({
    ...withEnv(container, env),
    command,
    ...(runAsUser !== undefined && {
      securityContext: { ...(container.securityContext as object), runAsUser },
    }),
    ...(scratch && {
      volumeMounts: [...(container.volumeMounts ?? []), { name: "scratch", mountPath: SCRATCH }],
    }),
  });
  const volumes = [
    ...(pod.spec.volumes ?? []),
    ...(scratch ? [{ name: "scratch", emptyDir: { sizeLimit: scratch } }] : []),
  ];
  const ofSidecar = (container: Container) => (container.name === SIDECAR ? withEnv(container, sidecarEnv) : container);
  const containers = pod.spec.containers.map((one) => (one.name === SIDECAR ? ofSidecar(one) : signing(one)));
  const initContainers = pod.spec.initContainers?.map(ofSidecar);
  const { annotations } = pod.metadata;
  return {
    metadata: { labels: { app: name }, ...(annotations && { annotations }) },
    spec: { ...pod.spec, containers, volumes, ...(initContainers && { initContainers }) },
  };
}

function withEnv(container: Container, env: Readonly<Record<string, string>> = {}): Container {
  const added = Object.entries(env).map(([name, value]) => ({ name, value }));
  return { ...container, env: [...(container.env ?? []), ...added] };
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
