/** What a path asks for on the credential listener. Pure: exact matches, no decoding, no query. */
import { type Client, findClient } from "../policy/clients.ts";

export type Route =
  | { readonly kind: "credentials"; readonly identity: string; readonly client: Client | undefined }
  | { readonly kind: "imds-session" }
  | { readonly kind: "imds-root" }
  | { readonly kind: "imds-roles" }
  | { readonly kind: "imds-credentials"; readonly role: string }
  | { readonly kind: "imds-fact"; readonly fact: ImdsFact }
  | { readonly kind: "unknown-client"; readonly name: string }
  | { readonly kind: "unknown" };

export type ImdsFact = "info" | "region" | "availability-zone" | "identity-document";

const UNKNOWN: Route = { kind: "unknown" };
const SECURITY_CREDENTIALS = "/latest/meta-data/iam/security-credentials";

const fixed = new Map<string, Route>([
  ["/", { kind: "imds-root" }],
  ["/latest/api/token", { kind: "imds-session" }],
  [SECURITY_CREDENTIALS, { kind: "imds-roles" }],
  [`${SECURITY_CREDENTIALS}/`, { kind: "imds-roles" }],
  ["/latest/dynamic/instance-identity/document", { kind: "imds-fact", fact: "identity-document" }],
]);
for (const [path, fact] of [
  ["/latest/meta-data/iam/info", "info"],
  ["/latest/meta-data/placement/region", "region"],
  ["/latest/meta-data/placement/availability-zone", "availability-zone"],
] as const) {
  for (const slash of ["", "/"]) fixed.set(path + slash, { kind: "imds-fact", fact });
}

/** `/v1/credentials[/identity]` and `/v1/for/{client}/credentials[/identity]`. */
const CONTAINER = /^\/v1\/(?:for\/([\w.-]+)\/)?credentials(?:\/([\w.@+-]+))?$/;
/** minio-js asks with two slashes. */
const ROLE = /^\/latest\/meta-data\/iam\/security-credentials\/{1,2}([\w+=,.@-]+)$/;

/** The route of a request target. `imds` is off when the protocol is not served. */
export function routeOf(target: string, imds: boolean): Route {
  if (target.startsWith("/v1/")) return containerRoute(target);
  if (!imds) return UNKNOWN;
  // AWS CLI 2.9 needs the endpoint with a slash at its end, and JavaScript v2 then asks with two.
  const path = target.startsWith("//latest/") ? target.slice(1) : target;
  const known = fixed.get(path);
  if (known !== undefined) return known;
  const [, role] = ROLE.exec(path) ?? [];
  return role === undefined ? UNKNOWN : { kind: "imds-credentials", role };
}

function containerRoute(target: string): Route {
  const match = CONTAINER.exec(target);
  if (match === null) return UNKNOWN;
  const [, name, identity = "default"] = match;
  if (name === undefined) return { kind: "credentials", identity, client: undefined };
  const client = findClient(name);
  return client === undefined ? { kind: "unknown-client", name } : { kind: "credentials", identity, client };
}

/** Paths that an application is most likely to mean, without what varies. */
const MEANT: readonly string[] = ["/v1/credentials", "/latest/api/token", `${SECURITY_CREDENTIALS}/`];

/** Parts of a path by which people get it wrong, and the path that they mean. */
const MISTAKES: readonly (readonly [pattern: RegExp, meant: string])[] = [
  [/^\/+(?:v\d+\/+)?credentials?(?:\/.*)?$/i, "/v1/credentials"],
  [/^\/+v\d+\/+for\/+/i, "/v1/for/CLIENT/credentials"],
  [/^\/+(?:latest\/+)?(?:meta-?data\/+)?iam\/+/i, `${SECURITY_CREDENTIALS}/`],
  [/\/api\/+token/i, "/latest/api/token"],
];

/** The path of this listener that is nearest to an unknown one, or undefined when none is near. */
export function nearestPath(target: string): string | undefined {
  const path = target.split("?", 1)[0] ?? "";
  const bare = path.replace(/(?!^)\/+$/, "").toLowerCase();
  const same = MEANT.find((meant) => meant.replace(/\/$/, "") === bare);
  return same ?? MISTAKES.find(([pattern]) => pattern.test(path))?.[1];
}
