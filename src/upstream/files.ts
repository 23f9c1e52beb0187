/** Reads the small files that identities come from: tokens, profiles, cached logins. Regular files only, and bounded. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { UpstreamFailure } from "./failure.ts";

/** STS takes a web identity token of at most 20 000 characters; real ones have about 1 KB. */
export const MAX_TOKEN_BYTES = 16_384;
/** For the shared files, of which the largest seen have 200 KB. */
export const MAX_SHARED_BYTES = 1_048_576;

/**
 * The text of a regular file of at most `maxBytes`. `what` names the variable or setting that points to it. Rejects
 * with an `UpstreamFailure` (`not-configured`) whose code is Node's, and which names the path.
 */
export async function readTextFile(path: string, what: string, maxBytes = MAX_TOKEN_BYTES): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile())
      throw new UpstreamFailure("not-configured", `${what}: ${path} is not a regular file`);
    return await readBounded(handle, maxBytes, `${what}: ${path}`);
  } catch (thrown) {
    if (thrown instanceof UpstreamFailure) throw thrown;
    const upstreamCode = (thrown as NodeJS.ErrnoException).code;
    throw new UpstreamFailure("not-configured", `${what}: ${path} cannot be read (${upstreamCode})`, { upstreamCode });
  } finally {
    await handle?.close();
  }
}

/** By hand: `readFile` trusts the size that the file system states. */
async function readBounded(handle: FileHandle, maxBytes: number, name: string): Promise<string> {
  const buffer = Buffer.alloc(maxBytes + 1);
  let size = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, null);
    size += bytesRead;
    if (size > maxBytes) throw new UpstreamFailure("not-configured", `${name} is longer than ${maxBytes / 1_024} KiB`);
    if (bytesRead === 0) return buffer.toString("utf8", 0, size);
  }
}
