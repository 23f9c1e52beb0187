/** The files that a program finds by its variables: a token, and shared files in which nothing wins over the sidecar. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Env } from "../../edge.ts";
import type { ChildFiles } from "./environment.ts";

export interface WrittenFiles extends ChildFiles {
  readonly remove: () => Promise<void>;
}

/** For nobody but this user. */
const OWNER_ONLY = { mode: 0o600 };

/**
 * Writes them into a directory of their own, which only this user can read. Where none can be written (a file system that
 * is read-only), the shared files are empty, and the token is in its variable alone.
 */
export async function writeFiles(
  env: Env,
  content: { readonly token: string | undefined; readonly config: string },
): Promise<WrittenFiles> {
  const directory = await temporaryDirectory([env.XDG_RUNTIME_DIR, env.TMPDIR, "/tmp"]);
  const none = { tokenFile: undefined, configFile: "/dev/null", credentialsFile: "/dev/null", remove: async () => {} };
  if (directory === undefined) return none;
  const remove = async () => await rm(directory, { recursive: true, force: true });
  const write = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text, OWNER_ONLY);
    return path;
  };
  try {
    return {
      tokenFile: content.token === undefined ? undefined : await write("token", content.token),
      configFile: await write("config", content.config),
      credentialsFile: await write("credentials", ""),
      remove,
    };
  } catch {
    // The disk is full.
    await remove();
    return none;
  }
}

async function temporaryDirectory(parents: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const parent of parents) {
    if (!parent) continue;
    try {
      return await mkdtemp(join(parent, "aws-credential-sidecar-"));
    } catch {
      // The next one may be writable.
    }
  }
  return undefined;
}
