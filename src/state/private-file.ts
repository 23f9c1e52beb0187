/**
 * A file that only this user can read, in a directory where only this user can write, on a file system that is memory. It
 * is written whole or not at all.
 */
import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { FileError, readSmallFile } from "../files.ts";

/** `f_type` of file systems that are memory: tmpfs and ramfs (statfs(2)). */
const MEMORY: readonly number[] = [0x0102_1994, 0x8584_58f6];

/** Two MiB are the longest session tokens of 32 identities. */
const MAX_BYTES = 4_194_304;

export interface PrivateFileOptions {
  readonly path: string;
  /** `any`: a disk will do. */
  readonly medium: "memory" | "any";
  /** The user that this process runs as; undefined where the system has none, and then nothing is private. */
  readonly userId: number | undefined;
}

/** Why a file or its directory is not used, in words that complete "the state file PATH …". */
export class NotPrivateError extends Error {
  override readonly name = "NotPrivateError";
}

export class PrivateFile {
  readonly path: string;
  readonly #options: PrivateFileOptions;

  constructor(options: PrivateFileOptions) {
    this.path = options.path;
    this.#options = options;
  }

  get #temporary(): string {
    return `${this.path}.new`;
  }

  /**
   * Rejects with a {@link NotPrivateError} when the directory is not ours alone or is no memory. One that is not there is
   * created: the directory of a Kubernetes volume is open to every user of the pod, and one in it need not be.
   */
  async prepare(): Promise<void> {
    if (await this.inspect()) return;
    await mkdir(dirname(this.path), { mode: 0o700 });
    await this.inspect();
  }

  /** The checks of {@link prepare}, which change nothing. False when the directory is still to be created. */
  async inspect(): Promise<boolean> {
    const directory = dirname(this.path);
    const stats = await lstat(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (stats !== undefined) this.#checkDirectory(directory, stats);
    if (this.#options.medium === "memory") await assertMemory(stats === undefined ? dirname(directory) : directory);
    return stats !== undefined;
  }

  #checkDirectory(directory: string, stats: Stats): void {
    if (!stats.isDirectory()) throw new NotPrivateError(`is in ${directory}, which is a link or no directory`);
    if (stats.uid !== this.#options.userId && stats.uid !== 0) {
      throw new NotPrivateError(`is in ${directory}, which is another user's`);
    }
    if ((stats.mode & 0o022) !== 0) {
      throw new NotPrivateError(`is in ${directory}, where other users can write`);
    }
  }

  /** Its text; undefined when it is not there. Rejects with a {@link NotPrivateError} when another user can read it. */
  async read(): Promise<string | undefined> {
    try {
      return (await readSmallFile(this.path, MAX_BYTES, (stats) => this.#faultOf(stats))).toString();
    } catch (thrown) {
      if (!(thrown instanceof FileError)) throw thrown;
      if (thrown.code === "ENOENT") return undefined;
      throw new NotPrivateError(thrown.code === "ELOOP" ? "is a symbolic link" : thrown.message);
    }
  }

  #faultOf({ uid, mode, nlink }: Stats): string | undefined {
    if (uid !== this.#options.userId) return "belongs to another user";
    if ((mode & 0o077) !== 0) return "can be read by other users";
    return nlink === 1 ? undefined : "has a second name (a hard link)";
  }

  /** Replaces it whole, after {@link prepare}. What stands at its path is never followed nor written to. */
  async write(text: string): Promise<void> {
    try {
      await this.#writeTemporary(text);
      await rename(this.#temporary, this.path);
    } catch (thrown) {
      // A part of it would take the room that the next one needs.
      await this.removeTemporary().catch(() => {});
      throw thrown;
    }
  }

  async #writeTemporary(text: string): Promise<void> {
    await this.removeTemporary();
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const handle = await open(this.#temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
  }

  /** What a process left that was killed while it wrote. */
  async removeTemporary(): Promise<void> {
    await rm(this.#temporary, { force: true });
  }
}

async function assertMemory(directory: string): Promise<void> {
  const { type } = await statfs(directory);
  if (!MEMORY.includes(Number(type) >>> 0)) throw new NotPrivateError("is not on a file system that is memory");
}
