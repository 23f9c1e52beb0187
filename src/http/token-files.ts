/** Reads the auth tokens that a path names: one file for every identity, or a directory with one file for each. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FileError, readSmallFile } from "../files.ts";

/** Bounds what a mistaken path can load. */
const MAX_TOKEN_BYTES = 16_384;

/** A token in visible ASCII, and the identity that it opens; undefined for all of them. */
export interface TokenInFile {
  readonly token: string;
  readonly opens: string | undefined;
}

export interface TokensRead {
  readonly tokens: readonly TokenInFile[];
  /** A file that cannot be used does not keep the others from being read. */
  readonly faults: readonly TokenFileError[];
}

/** The token file cannot be used. The message names the path, never its content. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
  readonly code = "TokenFileUnusable";
  readonly path: string;

  constructor(path: string, why: string) {
    super(`the token file ${path} ${why}`);
    this.path = path;
  }
}

/** Never rejects: what cannot be read is among the faults. */
export async function readTokens(path: string): Promise<TokensRead> {
  const names = await namesIn(path);
  if (names instanceof TokenFileError) return { tokens: [], faults: [names] };
  const read = await Promise.all(
    names === undefined ? [readToken(path, undefined)] : names.map((name) => readToken(join(path, name), name)),
  );
  const tokens = read.flatMap((one) => (one instanceof TokenFileError ? [] : [one]));
  return { tokens, faults: read.filter((one) => one instanceof TokenFileError) };
}

/** The files of a directory; undefined when the path is none. Names that begin with a dot are Kubernetes' own (`..data`). */
async function namesIn(path: string): Promise<readonly string[] | undefined | TokenFileError> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined;
    const names = (await readdir(path)).filter((name) => !name.startsWith("."));
    return names.length === 0 ? new TokenFileError(path, "is an empty directory") : names;
  } catch (thrown) {
    const { code = "unreadable" } = thrown as NodeJS.ErrnoException;
    return new TokenFileError(path, `cannot be read (${code})`);
  }
}

/** A newline at the end is the commonest fault of token files, and most clients send it: both sides are trimmed. */
async function readToken(path: string, opens: string | undefined): Promise<TokenInFile | TokenFileError> {
  try {
    const token = (await readSmallFile(path, MAX_TOKEN_BYTES)).toString("latin1").trim();
    if (/^[\x21-\x7e]+$/.test(token)) return { token, opens };
    return new TokenFileError(path, token === "" ? "is empty" : "holds no visible ASCII token");
  } catch (thrown) {
    if (thrown instanceof FileError) return new TokenFileError(path, thrown.message);
    throw thrown;
  }
}
