/** Reads small files whose paths people set: tokens, the state. Regular files only, within a bound, and never waiting for a writer. */
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Why a file cannot be read, in words that complete "the file PATH …". `code` is that of the system. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: string;
  readonly path: string;

  constructor(path: string, code: string, message: string) {
    super(message);
    this.path = path;
    this.code = code;
  }
}

/**
 * The bytes of a regular file of at most `maxBytes`. Rejects with a {@link FileError}: a FIFO would wait for its writer,
 * a device may have no end, and the size that a file system states is not always true. `fault` may say what is wrong with
 * what was opened; a symbolic link is not followed then.
 */
export async function readSmallFile(
  path: string,
  maxBytes: number,
  fault?: (stats: Stats) => string | undefined,
): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
    handle = await open(path, O_RDONLY | O_NONBLOCK | (fault === undefined ? 0 : O_NOFOLLOW));
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FileError(path, "EINVAL", "is not a regular file");
    const found = fault?.(stats);
    if (found !== undefined) throw new FileError(path, "EPERM", found);
    return await readBounded(handle, path, maxBytes);
  } catch (thrown) {
    if (thrown instanceof FileError) throw thrown;
    const { code = "unreadable" } = thrown as NodeJS.ErrnoException;
    throw new FileError(path, code, `cannot be read (${code})`);
  } finally {
    await handle?.close();
  }
}

/** In pieces: nearly all of these files are far smaller than their bound. */
const PIECE_BYTES = 16_384;

async function readBounded(handle: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(PIECE_BYTES, maxBytes + 1 - size)));
    if (bytesRead === 0) return Buffer.concat(pieces);
    size += bytesRead;
    if (size > maxBytes) throw new FileError(path, "TooLarge", `is larger than ${maxBytes} bytes`);
    pieces.push(buffer.subarray(0, bytesRead));
  }
}
