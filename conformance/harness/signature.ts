/** SigV4 as AWS checks it (Signature Version 4 signing process, "Create a canonical request"). Pure. */
import { createHash, createHmac } from "node:crypto";
import type { Incoming } from "./http.ts";

export interface Signature {
  readonly accessKeyId: string;
  /** `20260101/eu-west-1/sts/aws4_request`. */
  readonly scope: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8}\/[\w-]+\/([\w-]+)\/aws4_request), ?SignedHeaders=([\w;-]+), ?Signature=([\da-f]{64})$/;

/** Undefined when the request is not signed, or not in this way. */
export function readSignature(authorization: string | undefined): Signature | undefined {
  const [, accessKeyId, scope, service, names, signature] = AUTHORIZATION.exec(authorization ?? "") ?? [];
  if (!accessKeyId || !scope || !service || !names || !signature) return undefined;
  return { accessKeyId, scope, service, signedHeaders: names.split(";"), signature };
}

/** Whether the signature was made with this secret, over this request. */
export function isSignedWith(
  secret: string,
  request: Incoming,
  { scope, signedHeaders, signature }: Signature,
): boolean {
  const canonical = sha256(canonicalRequest(request, signedHeaders));
  const toSign = ["AWS4-HMAC-SHA256", header(request, "x-amz-date"), scope, canonical].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((k, part) => hmac(k, part), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex") === signature;
}

/** When the request says that it was signed, in ms; undefined when it does not. */
export function signedAt(request: Incoming): number | undefined {
  const iso = header(request, "x-amz-date").replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}

function canonicalRequest(request: Incoming, signedHeaders: readonly string[]): string {
  const [path = "/", query = ""] = request.target.split("?", 2);
  return [
    request.method,
    path,
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${header(request, name)}`),
    "",
    signedHeaders.join(";"),
    // S3 clients may send `UNSIGNED-PAYLOAD`; STS clients send nothing here and sign the body's hash.
    header(request, "x-amz-content-sha256") || sha256(request.body),
  ].join("\n");
}

function canonicalQuery(query: string): string {
  const pairs = query.split("&").filter((pair) => pair !== "");
  return pairs
    .map((pair) => (pair.includes("=") ? pair : `${pair}=`))
    .sort()
    .join("&");
}

function header({ headers }: Incoming, name: string): string {
  const value = headers[name] ?? "";
  const joined = typeof value === "string" ? value : value.join(",");
  return joined.trim().replace(/ {2,}/g, " ");
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
