/** The values of `SIDECAR_UPSTREAM`: where credentials can come from. */
export const upstreamKinds = [
  "auto",
  "web-identity",
  "assume-role",
  "imds",
  "container",
  "profile",
  "process",
  "sso",
  "environment",
  "demo",
] as const;
export type UpstreamKind = (typeof upstreamKinds)[number];
