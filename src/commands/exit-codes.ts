/** The exit codes of the program. They are part of its interface and do not change. */
export const exitCodes = {
  /** Stopped by a signal, or no problems found. */
  ok: 0,
  /** Failed at run time. */
  failure: 1,
  /** Bad settings or usage: trying again will not help. */
  badSettings: 2,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
