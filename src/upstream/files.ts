/** Reads the small files that identities come from: tokens, profiles, cached logins. */
import { FileError, readSmallFile } from "../files.ts";
import { UpstreamFailure } from "./failure.ts";
import { kindOfCode } from "./failure-classes.ts";

/** STS takes a web identity token of at most 20 000 characters; real ones have about 1 KB. */
export const MAX_TOKEN_BYTES = 16_384;
/** For the shared files, of which the largest seen have 200 KB. */
export const MAX_SHARED_BYTES = 1_048_576;

/** What our reader says of a file that is not a regular one, or too large. */
const OWN_CODES: readonly string[] = ["EINVAL", "TooLarge"];

/**
 * The text of a regular file of at most `maxBytes`. `what` names the variable or setting that points to it. Rejects
 * with an `UpstreamFailure` (`not-configured`, or `unavailable` where the machine is short of something) whose code is
 * Node's, and which names the path.
 */
export async function readTextFile(path: string, what: string, maxBytes = MAX_TOKEN_BYTES): Promise<string> {
  try {
    return (await readSmallFile(path, maxBytes)).toString("utf8");
  } catch (thrown) {
    if (!(thrown instanceof FileError)) throw thrown;
    const { code, message } = thrown;
    // That the file is of another kind, or too large, is our reader's finding and not Node's.
    const upstreamCode = OWN_CODES.includes(code) ? undefined : code;
    const kind = kindOfCode(code, { message: "", syscall: "open", isClockOff: false }) ?? "not-configured";
    throw new UpstreamFailure(kind, `${what}: ${path} ${message}`, { upstreamCode, subject: { path, variable: what } });
  }
}
