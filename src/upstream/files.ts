/** Reads the small files that identities come from: tokens, profiles, cached logins. Regular files only, and bounded. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type Subject, UpstreamFailure } from "./failure.ts";
import { kindOfCode } from "./failure-classes.ts";

/** STS takes a web identity token of at most 20 000 characters; real ones have about 1 KB. */
export const MAX_TOKEN_BYTES = 16_384;
/** For the shared files, of which the largest seen have 200 KB. */
export const MAX_SHARED_BYTES = 1_048_576;

/**
 * The text of a regular file of at most `maxBytes`. `what` names the variable or setting that points to it. Rejects
 * with an `UpstreamFailure` (`not-configured`, or `unavailable` where the machine is short of something) whose code is
 * Node's, and which names the path.
 */
export async function readTextFile(path: string, what: string, maxBytes = MAX_TOKEN_BYTES): Promise<string> {
  const subject = { path, variable: what };
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile())
      throw new UpstreamFailure("not-configured", `${what}: ${path} is not a regular file`, { subject });
    return await readBounded(handle, maxBytes, subject);
  } catch (thrown) {
    if (thrown instanceof UpstreamFailure) throw thrown;
    const upstreamCode = (thrown as NodeJS.ErrnoException).code;
    const kind = kindOfCode(upstreamCode ?? "", { message: "", syscall: "open", isClockOff: false });
    throw new UpstreamFailure(kind ?? "not-configured", `${what}: ${path} cannot be read (${upstreamCode})`, {
      upstreamCode,
      subject,
    });
  } finally {
    await handle?.close();
  }
}

type FileSubject = Required<Pick<Subject, "path" | "variable">>;

/** By hand: `readFile` trusts the size that the file system states. */
async function readBounded(handle: FileHandle, maxBytes: number, subject: FileSubject): Promise<string> {
  const buffer = Buffer.alloc(maxBytes + 1);
  let size = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, null);
    size += bytesRead;
    if (size > maxBytes) {
      const message = `${subject.variable}: ${subject.path} is longer than ${maxBytes / 1_024} KiB`;
      throw new UpstreamFailure("not-configured", message, { subject });
    }
    if (bytesRead === 0) return buffer.toString("utf8", 0, size);
  }
}
