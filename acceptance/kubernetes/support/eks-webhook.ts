/**
 * EKS' webhook (amazon-eks-pod-identity-webhook, pkg/handler/handler.go) as an admission webhook of its own: what it adds
 * to a pod whose service account has a role, by IRSA or by EKS Pod Identity.
 */
import { startWebhook } from "./admission-webhook.ts";
import type { Container, KubernetesObject } from "./manifests.ts";

export type Kind = "irsa" | "pod-identity";

interface Given {
  readonly variables: Readonly<Record<string, string>>;
  readonly volume: string;
  readonly mountPath: string;
  readonly audience: string;
}

const PATHS = {
  irsa: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
  "pod-identity": "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount",
} as const;

export const given: Readonly<Record<Kind, Given>> = {
  irsa: {
    variables: {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/orders",
      AWS_WEB_IDENTITY_TOKEN_FILE: `${PATHS.irsa}/token`,
    },
    volume: "aws-iam-token",
    mountPath: PATHS.irsa,
    audience: "sts.amazonaws.com",
  },
  "pod-identity": {
    variables: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${PATHS["pod-identity"]}/eks-pod-identity-token`,
    },
    volume: "eks-pod-identity-token",
    mountPath: PATHS["pod-identity"],
    audience: "pods.eks.amazonaws.com",
  },
};

const REGION = "eu-west-1";

/** A container as the webhook leaves it. */
function served(container: Container, { variables, volume, mountPath }: Given): Container {
  const { env = [], volumeMounts = [] } = container;
  const has = (...names: readonly string[]) => env.some(({ name }) => names.includes(name));
  const listed = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, value]) => ({ name, value }));
  return {
    ...container,
    env: [
      ...env,
      ...(has("AWS_STS_REGIONAL_ENDPOINTS") ? [] : listed({ AWS_STS_REGIONAL_ENDPOINTS: "regional" })),
      ...(has("AWS_REGION", "AWS_DEFAULT_REGION") ? [] : listed({ AWS_DEFAULT_REGION: REGION, AWS_REGION: REGION })),
      ...(has(...Object.keys(variables)) ? [] : listed(variables)),
    ],
    // The mount is not withheld with the variables.
    volumeMounts: volumeMounts.some(({ name }) => name === volume)
      ? volumeMounts
      : [...volumeMounts, { name: volume, readOnly: true, mountPath }],
  };
}

function patchOf(pod: KubernetesObject, what: Given): readonly object[] {
  const skipped = pod.metadata.annotations?.["eks.amazonaws.com/skip-containers"]?.split(",") ?? [];
  const each = (containers: readonly Container[] = []) =>
    containers.map((one) => (skipped.includes(one.name) ? one : served(one, what)));
  const token = { serviceAccountToken: { audience: what.audience, expirationSeconds: 86_400, path: "token" } };
  const volume = { name: what.volume, projected: { sources: [token] } };
  const volumes = pod.spec?.volumes ?? [];
  return [
    ...(volumes.some(({ name }) => name === what.volume)
      ? []
      : [{ op: "add", path: "/spec/volumes", value: [volume, ...volumes] }]),
    { op: "add", path: "/spec/containers", value: each(pod.spec?.containers) },
    ...(pod.spec?.initContainers === undefined
      ? []
      : [{ op: "add", path: "/spec/initContainers", value: each(pod.spec.initContainers) }]),
  ];
}

export interface EksWebhook {
  /** What `kubectl` applies, for one way or the other. */
  readonly configuration: (kind: Kind, name?: string) => object;
  readonly stop: () => void;
}

export async function startEksWebhook(folder: string): Promise<EksWebhook> {
  const { configuration, stop } = await startWebhook(folder, (pod, path) =>
    patchOf(pod, given[path === "/irsa" ? "irsa" : "pod-identity"]),
  );
  return {
    configuration: (kind, name = "pod-identity-webhook") =>
      configuration({ name, path: `/${kind}`, failurePolicy: "Ignore" }),
    stop,
  };
}
