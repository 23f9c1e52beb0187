/** The volumes of a pod as folders of this machine, filled as the kubelet fills them, for containers that run as processes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environmentOf } from "../../../test/support/downward-api.ts";
import type { Container, KubernetesObject } from "./manifests.ts";

interface Projected {
  readonly sources: readonly { readonly serviceAccountToken: { readonly audience: string; readonly path: string } }[];
}

export class PodFolders {
  readonly #folder: string;

  /** `objects` are those that were applied together with the pod. */
  constructor(folder: string, pod: KubernetesObject, objects: readonly KubernetesObject[]) {
    this.#folder = folder;
    for (const { name, projected, configMap } of pod.spec?.volumes ?? []) {
      mkdirSync(join(folder, name), { recursive: true });
      for (const { serviceAccountToken } of (projected as Projected | undefined)?.sources ?? []) {
        const { audience, path } = serviceAccountToken;
        writeFileSync(join(folder, name, path), `fake-token-for-${audience}`);
      }
      const { name: wanted } = (configMap ?? {}) as { readonly name?: string };
      const { data = {} } =
        objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === wanted) ?? {};
      const clients = pod.spec?.initContainers ?? [];
      for (const [key, text] of Object.entries(data)) {
        writeFileSync(
          join(folder, name, key),
          clients.reduce((before, client) => this.found(client, before), text),
        );
      }
    }
  }

  /** A text in which the paths of a container's mounts are those of the folders. */
  found({ volumeMounts = [] }: Container, text: string): string {
    return volumeMounts.reduce(
      (before, { name, mountPath, subPath = "" }) => before.replaceAll(mountPath, join(this.#folder, name, subPath)),
      text,
    );
  }

  /** The variables that the manifest gives to a container. */
  environmentOf(container: Container): Readonly<Record<string, string>> {
    const { env = [] } = container;
    return environmentOf(env.map((given) => ({ ...given, value: this.found(container, given.value ?? "") })));
  }
}
