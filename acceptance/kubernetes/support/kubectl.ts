/** `kubectl`, as `install.sh` builds it. */
import { existsSync } from "node:fs";
import { type Ran, run } from "../../../conformance/processes.ts";
import { type KubernetesObject, parse, root } from "./manifests.ts";

/** A program that `install.sh` builds. Throws when it has not been. */
export function built(name: string): string {
  const path = `${root}/acceptance/kubernetes/build/${name}`;
  if (!existsSync(path)) throw new Error(`${path} is missing: run acceptance/kubernetes/install.sh`);
  return path;
}

/** What `kubectl` prints; throws what it complains of. */
export async function kubectl(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr }: Ran = await run(built("kubectl"), args, env, { cwd: root });
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}:\n${stderr}`);
  return stdout;
}

/** The objects that a kustomization makes. `folder` is a path from the root of the repository. */
export async function kustomize(folder: string): Promise<readonly KubernetesObject[]> {
  return parse(await kubectl(["kustomize", folder]));
}
