/** The part of an internal error that may be shown. Its message is never shown, because it may hold a secret. */

export interface Fault {
  /** The name of the error's class, or the type of what was thrown. */
  readonly error: string;
  /** Node's code, such as `ECONNRESET`. */
  readonly errorCode: string | undefined;
  /** Where it was thrown, innermost first. */
  readonly frames: readonly string[];
}

/** One place in the program, as V8 writes it. */
const FRAME = /^ {4}at (?:[^"'`]+ \()?(?:file:|node:|\/)[^\s()]+:\d+:\d+\)?$/;

/** The AWS SDK names some errors after what an upstream answered, which could be anything. */
const NAME = /^[A-Z][A-Za-z]{0,60}(?:Error|Exception)$/;
const CODE = /^[A-Z][A-Z_\d]{1,40}$/;

export function describeFault(thrown: unknown): Fault {
  if (!(thrown instanceof Error)) return { error: typeof thrown, errorCode: undefined, frames: [] };
  const { name, message, stack = "" } = thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  // Without the message: its lines may look like frames.
  const lines = stack.replace(message, "").split("\n");
  return {
    error: name === "Error" || NAME.test(name) ? name : "Error",
    errorCode: CODE.test(String(code)) ? code : undefined,
    frames: lines.filter((line) => FRAME.test(line)),
  };
}
