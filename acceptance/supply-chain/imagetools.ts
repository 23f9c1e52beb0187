/**
 * `docker buildx imagetools inspect NAME:TAG [--format …]` and `… create --tag NAME:TAG NAME@DIGEST…`, as far as the
 * release uses them. Ends with 1 where the registry has no such image.
 */
import { createHash } from "node:crypto";

const INDEX = "application/vnd.oci.image.index.v1+json";
const ACCEPT = [
  INDEX,
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
];

/** The address of a manifest: `host/name:tag` or `host/name@digest`. */
function manifest(reference: string): string {
  const [, host, name, of] = /^([^/]+)\/(.+?)(?:@|:(?=[^:/]+$))(.+)$/.exec(reference) ?? [];
  return `https://${host}/v2/${name}/manifests/${of}`;
}

async function inspect(reference: string): Promise<void> {
  const response = await fetch(manifest(reference), { headers: { Accept: ACCEPT.join() } });
  if (!response.ok) throw new Error(`${reference}: not found`);
  const digest = response.headers.get("docker-content-digest");
  console.log(JSON.stringify({ mediaType: response.headers.get("content-type"), digest }));
}

async function create(tag: string, references: readonly string[]): Promise<void> {
  const manifests = await Promise.all(references.map(descriptor));
  const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  const response = await fetch(manifest(tag), { method: "PUT", body, headers: { "Content-Type": INDEX } });
  if (!response.ok) throw new Error(`${tag}: ${response.status} ${await response.text()}`);
}

async function descriptor(reference: string) {
  const response = await fetch(manifest(reference), { headers: { Accept: ACCEPT.join() } });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${reference}: ${response.status}`);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { mediaType: response.headers.get("content-type"), digest, size: bytes.length };
}

const [, , action, ...rest] = process.argv.slice(2);
try {
  if (action === "inspect") await inspect(rest[0] ?? "");
  else await create(rest[1] ?? "", rest.slice(2));
} catch (thrown) {
  console.error(String(thrown));
  process.exitCode = 1;
}
