/**
 * The config file of boto 2, which botocore (boto3, both AWS CLIs) still reads for keys, and before it asks the container's
 * URI.
 */

import { join } from "node:path";
import type { Env } from "../edge.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import { MAX_SHARED_BYTES, readTextFile } from "../upstream/files.ts";
import { IniError, parseIni } from "../upstream/ini.ts";
import { homeDirectory } from "../upstream/shared-files.ts";

/** Names the file in place of those that botocore would look for; an empty file or none takes them all away. */
export const BOTO_CONFIG = "BOTO_CONFIG";

/** The line to write against such a file. */
export const NO_BOTO_FILE = `${BOTO_CONFIG}=/dev/null`;

export interface BotoFile {
  readonly path: string;
  /** `keys`: botocore takes them. `broken`: it fails, for it cannot parse the file. */
  readonly holds: "keys" | "broken";
}

/** The first file that keeps botocore from the container's URI, in botocore's order; undefined when none does. */
export async function shadowingBotoFile(env: Env): Promise<BotoFile | undefined> {
  for (const path of pathsOf(env)) {
    const holds = await contentOf(path);
    if (holds !== "nothing") return { path, holds };
  }
  return undefined;
}

function pathsOf(env: Env): readonly string[] {
  const home = homeDirectory(env);
  const named = env[BOTO_CONFIG];
  if (named === undefined) return ["/etc/boto.cfg", ...(home === undefined ? [] : [join(home, ".boto")])];
  return [home !== undefined && named.startsWith("~/") ? join(home, named.slice(2)) : named];
}

/** botocore takes a file that it cannot open for none. */
async function contentOf(path: string): Promise<BotoFile["holds"] | "nothing"> {
  try {
    const credentials = parseIni(await readTextFile(path, BOTO_CONFIG, MAX_SHARED_BYTES)).get("Credentials");
    return credentials?.has("aws_access_key_id") ? "keys" : "nothing";
  } catch (thrown) {
    if (thrown instanceof IniError) return "broken";
    if (thrown instanceof UpstreamFailure) return "nothing";
    throw thrown;
  }
}
