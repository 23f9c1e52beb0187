/** What `doctor` finds. Each finding is written once, with its facts and its words, by the function that finds it. */

/**
 * `problem`: credentials are not served as they should be, and doctor exits with 1. `advice`: they are, but not as well as
 * they could be, or not as the author of the settings may expect. `ok`: as it should be.
 */
export type Severity = "problem" | "advice" | "ok";

/** One line of the report of `doctor`. */
export interface Finding {
  readonly severity: Severity;
  /** Stable, for programs that read `--json`. */
  readonly code: string;
  /** What the sentence says, for programs; never a secret. A duration has its unit in its name. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** For people, and free to change. */
  readonly text: string;
  /** What to do. */
  readonly remedy?: string | undefined;
  /** What to write: `NAME=value` for a manifest or a shell, or `unset NAME` to take a variable away. */
  readonly line?: string | undefined;
  /** What to run first, where there is no such line. */
  readonly command?: string | undefined;
}
