/** Every manifest that the project ships for Kubernetes. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { Variable } from "../../../test/support/downward-api.ts";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Of an object of the Kubernetes API, what these tests look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: PodSpec & {
    readonly template?: PodTemplate;
    readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
  };
}

export interface PodTemplate {
  readonly metadata?: Partial<KubernetesObject["metadata"]>;
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: { readonly sysctls?: readonly { readonly name: string; readonly value: string }[] };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly [kind: string]: unknown }[];
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly restartPolicy?: string;
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly unknown[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly [field: string]: unknown;
}

export const SIDECAR = "aws-credential-sidecar";

/** The files that are applied as they are, as paths from the root of the repository. */
export const plainFiles: readonly string[] = globSync("examples/kubernetes/*.yaml", { cwd: root }).sort();

/** These, the NetworkPolicy, and what the example of the Helm charts renders. */
export const appliedFiles: readonly string[] = [
  ...plainFiles,
  "deploy/kubernetes/network-policy.yaml",
  "acceptance/helm/golden/example.yaml",
];

/** The folders that are applied with `-k`. */
export const kustomizations: readonly string[] = globSync("{deploy,examples}/kubernetes/**/kustomization.yaml", {
  cwd: root,
})
  .map((path) => path.slice(0, path.lastIndexOf("/")))
  .filter((folder) => !readFileSync(`${root}/${folder}/kustomization.yaml`, "utf8").includes("kind: Component"))
  .sort();

/** The objects in a text of one or more YAML documents. Throws what the parser finds wrong. */
export function parse(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS() as KubernetesObject;
  });
}

export function read(path: string): readonly KubernetesObject[] {
  return parse(readFileSync(`${root}/${path}`, "utf8"));
}

/** The pod that a workload makes; undefined for an object that makes none. */
export function podOf({ kind, metadata, spec }: KubernetesObject): KubernetesObject | undefined {
  if (kind === "Pod") return { apiVersion: "v1", kind, metadata, ...(spec === undefined ? {} : { spec }) };
  const template = spec?.jobTemplate?.spec.template ?? spec?.template;
  if (template === undefined) return undefined;
  const { metadata: templated, spec: podSpec } = template;
  return { apiVersion: "v1", kind: "Pod", metadata: { ...templated, name: metadata.name }, spec: podSpec };
}

/** The sidecar's container in a pod, wherever it stands. */
export function sidecarOf(pod: KubernetesObject): Container | undefined {
  const { initContainers = [], containers = [] } = pod.spec ?? {};
  return [...initContainers, ...containers].find(({ name }) => name === SIDECAR);
}
