/**
 * What EKS's webhook gives to the pods of a namespace, and where this cluster's STS is. Admission policies of the tests do it,
 * so that the shipped files are applied as they are; the webhook itself is another test's.
 */
import { LINK_LOCAL, STS } from "./settings.ts";

/** The namespaces of the tests have it as a label. */
export const GIVEN_LABEL = "given";

export type Given = "nothing" | "irsa" | "pod-identity" | "sts";

const ROLE = "arn:aws:iam::123456789012:role/orders";

interface Addition {
  readonly env: Readonly<Record<string, string>>;
  readonly mountPath: string;
  readonly volume: { readonly name: string; readonly source: string };
  /** CEL: which containers `c` of the pod `object` get it. */
  readonly to: string;
}

const token = (audience: string) =>
  `projected: Object.spec.volumes.projected{sources: [Object.spec.volumes.projected.sources{serviceAccountToken:
     Object.spec.volumes.projected.sources.serviceAccountToken{audience: "${audience}", path: "token"}}]}`;

const without = (variable: string) => `!c.?env.orValue([]).exists(e, e.name == "${variable}")`;

/** Where STS is, and by which certificate it is known: AWS's own needs neither. */
const sts: Addition = {
  env: { AWS_ENDPOINT_URL_STS: STS.url, NODE_EXTRA_CA_CERTS: "/var/run/sts/certificate.pem" },
  mountPath: "/var/run/sts",
  volume: {
    name: "sts",
    source: `configMap: Object.spec.volumes.configMap{name: "sts"}`,
  },
  to: `c.name == "aws-credential-sidecar"`,
};

/** amazon-eks-pod-identity-webhook: one of its variables, or the annotation, is enough for it to add none. */
const irsa: Addition = {
  env: {
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  },
  mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
  volume: { name: "aws-iam-token", source: token("sts.amazonaws.com") },
  to: `${without("AWS_ROLE_ARN")} &&
    !(c.name in object.metadata.?annotations["eks.amazonaws.com/skip-containers"].orValue("").split(","))`,
};

const podIdentity: Addition = {
  env: {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${LINK_LOCAL.agent}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/token",
  },
  mountPath: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount",
  volume: { name: "eks-pod-identity-token", source: token("pods.eks.amazonaws.com") },
  to: without("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
};

const additions: Readonly<Record<Given, readonly Addition[]>> = {
  nothing: [],
  sts: [sts],
  irsa: [irsa, sts],
  "pod-identity": [podIdentity, sts],
};

/** The policies and their bindings, for every namespace with the label. */
export function policies(): readonly object[] {
  return Object.entries(additions).flatMap(([given, ones]) =>
    ones.length === 0 ? [] : [policy(`given-${given}`, ones), binding(`given-${given}`, given)],
  );
}

function policy(name: string, ones: readonly Addition[]): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      },
      mutations: ones.map((one) => ({ patchType: "JSONPatch", jsonPatch: { expression: patches(one) } })),
    },
  };
}

function binding(policyName: string, given: string): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name: policyName },
    spec: { policyName, matchResources: { namespaceSelector: { matchLabels: { [GIVEN_LABEL]: given } } } },
  };
}

function patches({ env, mountPath, volume, to }: Addition): string {
  return [
    ...["containers", "initContainers"].map((kind) => patchesOf(kind, env, mountPath, volume.name, to)),
    `(has(object.spec.volumes) ? [] : [JSONPatch{op: "add", path: "/spec/volumes", value: []}])`,
    `[JSONPatch{op: "add", path: "/spec/volumes/-", value: Object.spec.volumes{name: "${volume.name}", ${volume.source}}}]`,
  ].join("\n+ ");
}

/** For one kind of container; a list that is missing is made first. */
function patchesOf(kind: string, env: Addition["env"], mountPath: string, volume: string, to: string): string {
  const chosen = `object.spec.?${kind}.orValue([]).transformList(i, c, ${to},
    {"path": dyn("/spec/${kind}/" + string(i)), "c": c})`;
  const variables = Object.entries(env).map(
    ([name, value]) => `${chosen}.map(r, JSONPatch{op: "add", path: r.path + "/env/-",
      value: Object.spec.${kind}.env{name: "${name}", value: "${value}"}})`,
  );
  return [
    `${chosen}.filter(r, !has(r.c.env)).map(r, JSONPatch{op: "add", path: r.path + "/env", value: []})`,
    ...variables,
    `${chosen}.filter(r, !has(r.c.volumeMounts)).map(r,
      JSONPatch{op: "add", path: r.path + "/volumeMounts", value: []})`,
    `${chosen}.map(r, JSONPatch{op: "add", path: r.path + "/volumeMounts/-", value: Object.spec.${kind}.volumeMounts{
      name: "${volume}", mountPath: "${mountPath}", readOnly: true}})`,
  ].join("\n+ ");
}
