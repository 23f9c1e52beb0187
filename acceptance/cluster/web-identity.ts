/** Service account tokens as AWS judges them: by the keys that their issuer publishes over TLS. */
import { createPublicKey, type JsonWebKeyInput, verify } from "node:crypto";
import { get } from "node:https";

export interface Claims {
  readonly iss: string;
  readonly aud: readonly string[];
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly sub: string;
  /** In seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  readonly jti: string;
}

type PublishedKey = JsonWebKeyInput["key"] & { readonly kid: string };

export interface Issuer {
  readonly url: string;
  /** By which the issuer's TLS certificate is known. */
  readonly ca: Buffer;
}

/** The claims of a token that is in force for this audience. Throws what is wrong with it. */
export async function verifiedClaims(token: string, audience: string, issuer: Issuer): Promise<Claims> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const { kid, alg } = decoded(head) as { readonly kid?: string; readonly alg?: string };
  const claims = decoded(body) as Claims;
  if (alg !== "RS256" || claims.iss !== issuer.url) throw new Error("another issuer's token");
  const { jwks_uri } = (await fetched(`${issuer.url}/.well-known/openid-configuration`, issuer)) as {
    jwks_uri: string;
  };
  const { keys } = (await fetched(jwks_uri, issuer)) as { readonly keys: readonly PublishedKey[] };
  const key = keys.find((one) => one.kid === kid);
  if (key === undefined) throw new Error("an unknown key");
  const publicKey = createPublicKey({ key, format: "jwk" });
  const isSigned = verify("RSA-SHA256", Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, "base64url"));
  if (!isSigned) throw new Error("a bad signature");
  if (!claims.aud.includes(audience)) throw new Error("another audience's token");
  if (claims.exp * 1_000 <= Date.now()) throw new Error("an expired token");
  return claims;
}

const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

async function fetched(url: string, { ca }: Issuer): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { ca }, (response) => {
    let body = "";
    response.on("data", (chunk: Buffer) => (body += chunk.toString())).on("end", () => resolve(body));
  }).on("error", reject);
  return JSON.parse(await promise);
}
