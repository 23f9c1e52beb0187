/** Reads small files whose paths people set: tokens. Regular files only, within a bound, and never waiting for a writer. */
import { constants } from "node:fs";
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
 * a device may have no end, and the size that a file system states is not always true.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await handle.stat()).isFile()) throw new FileError(path, "EINVAL", "is not a regular file");
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
