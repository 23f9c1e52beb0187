/** Refusals of requests for what is not here, which say what is. Pure. */
import type { Refusal } from "../refusals.ts";
import { type Opens, opensIdentity } from "./authorization.ts";
import { nearestPath } from "./routes.ts";

const IMDS_PATH = /^\/{1,2}latest\//;
const IMDS_OFF: Refusal = { reason: "imds-off" };
export const IMDS_ROOT: Refusal = {
  reason: "unknown-path",
  message: "no such path; GET /latest/meta-data/iam/security-credentials/",
};

export function unknownPath(path: string, imds: "off" | "v1" | "v2"): Refusal {
  if (imds === "off" && IMDS_PATH.test(path)) return IMDS_OFF;
  const nearest = nearestPath(path);
  return nearest === undefined
    ? { reason: "unknown-path" }
    : { reason: "unknown-path", message: `no such path; did you mean ${nearest}?`, nearest };
}

/** Names only the identities that the token opens, so that a client does not learn of the others. */
export function unknownIdentity<Cache>(opens: Opens, caches: ReadonlyMap<string, Cache>): Refusal {
  const names = [...caches].flatMap(([name, cache]) => (opensIdentity(opens, cache, caches) ? [name] : []));
  return { reason: "unknown-identity", message: `no such identity is served here; served: ${names.join(", ")}` };
}
