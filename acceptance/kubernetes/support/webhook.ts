/** What the webhook of EKS (amazon-eks-pod-identity-webhook) adds to the containers of a pod. */
import type { Container, KubernetesObject } from "./manifests.ts";

type Environment = Readonly<Record<string, string>>;

/** For IRSA, a role's ARN and token to every container that has neither and is not named in the pod's annotation. */
export function webIdentity(pod: KubernetesObject, container: Container, given: Environment): Environment {
  const skipped = pod.metadata.annotations?.["eks.amazonaws.com/skip-containers"]?.split(",") ?? [];
  return skipped.includes(container.name) ? {} : unlessPresent(container, given);
}

/** For EKS Pod Identity, the node's agent to every container that names no other. */
export function podIdentity(container: Container, given: Environment): Environment {
  return unlessPresent(container, given);
}

/** One of its variables is enough for it to add none. */
function unlessPresent({ env = [] }: Container, given: Environment): Environment {
  return env.some(({ name }) => name in given) ? {} : given;
}
