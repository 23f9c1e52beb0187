/** Why requests are refused. Stable codes: they are metric labels and log fields. */
export const refusalReasons = [
  "forwarded",
  "browser",
  "host",
  "target",
  "body",
  "method",
  "token",
  "identity",
  "session-token",
  "malformed",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];
