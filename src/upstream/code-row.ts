/** A row of error codes with their remedy, of which the failure classes are made. Pure. */
import type { Subject } from "./failure.ts";

/** What may decide between two classes that share a code. */
export interface Circumstances {
  /** Upstream's own text. It is looked at, and never repeated. */
  readonly message: string;
  /** Node's `syscall`. */
  readonly syscall: string;
  /** True when the request was signed with a clock that is off by a minute or more. */
  readonly isClockOff: boolean;
}

/** What to write or to run first, where one line is enough. */
export interface Step {
  /** For the pod's manifest, as `NAME=value`. */
  readonly line?: string | undefined;
  /** For a shell. */
  readonly command?: string | undefined;
}

export type RemedyText = string | ((subject: Subject) => string);

export interface CodeRow {
  /** Matches the whole of a code. */
  readonly codes: RegExp;
  /** Where the code alone does not say which class it is. */
  readonly when?: (circumstances: Circumstances) => boolean;
  /** Where it is more exact than the class's. */
  readonly remedy?: RemedyText;
  /** What goes with that remedy. */
  readonly step?: (subject: Subject) => Step;
}

/** Matches any of the given codes, whole; each may be a pattern. */
export function oneOf(...codes: readonly string[]): RegExp {
  return new RegExp(`^(?:${codes.join("|")})$`);
}
