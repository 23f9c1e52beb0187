/** How `kubectl` and a node's programs reach an API server of the tests. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Who it is to the API server, which is told by {@link writeAdministrator}. */
const TOKEN = "fake-admin-token";
const NAME = "local";

/** Writes the file of the API server's flag `--token-auth-file`, with the administrator in it; its path. */
export async function writeAdministrator(folder: string): Promise<string> {
  const path = join(folder, "tokens.csv");
  await writeFile(path, `${TOKEN},admin,admin,system:masters\n`);
  return path;
}

/** Writes the administrator's kubeconfig for the API server that has its certificate in the same folder; its path. */
export async function writeKubeconfig(folder: string, port: number): Promise<string> {
  const path = join(folder, "kubeconfig");
  const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": join(folder, "apiserver.crt") };
  const contents = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: NAME, cluster }],
    users: [{ name: NAME, user: { token: TOKEN } }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
    "current-context": NAME,
  };
  await writeFile(path, JSON.stringify(contents));
  return path;
}
