/** What the component makes of objects. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { kubectl } from "./kubectl.ts";
import { type KubernetesObject, parse, root } from "./manifests.ts";

export const withComponent = (...objects: readonly object[]) => withKustomization({}, ...objects);

/** What the component makes of these. kustomize reads no file from outside of the project, so they lie in it for a moment. */
export async function withKustomization(
  rest: object,
  ...objects: readonly object[]
): Promise<readonly KubernetesObject[]> {
  const folder = await mkdtemp(join(root, "acceptance/kubernetes/build/kustomize-"));
  try {
    await writeFile(join(folder, "objects.yaml"), objects.map((one) => stringify(one)).join("---\n"));
    await writeFile(
      join(folder, "kustomization.yaml"),
      stringify({ resources: ["objects.yaml"], components: ["../../../../deploy/kubernetes/component"], ...rest }),
    );
    return parse(await kubectl(["kustomize", folder]));
  } finally {
    await rm(folder, { recursive: true });
  }
}
