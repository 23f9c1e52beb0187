/** Reads over kept connections with longer documents, and with more identities. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bareNode, SIDECAR, sidecar, webIdentity } from "./contestants.ts";
import { type Document, read } from "./document.ts";
import type { Layout } from "./image.ts";
import { warm } from "./reads.ts";
import { type ReadsRow, readsRows } from "./summary.ts";
import type { Upstream } from "./upstream.ts";

const TOKEN_BYTES = [400, 4_096, 16_384] as const;
const IDENTITIES = [1, 8, 32] as const;

export interface Variant {
  readonly of: number;
  readonly rows: readonly ReadsRow[];
}

export async function measureTokens(layout: Layout, upstream: Upstream): Promise<readonly Variant[]> {
  const found: Variant[] = [];
  const { tokenBytes } = upstream;
  for (const of of TOKEN_BYTES) {
    upstream.tokenBytes = of;
    const one = await webIdentity(layout, upstream).start();
    const { headers, body } = await read(one.url);
    await one.stop();
    const rounds = await warm([webIdentity(layout, upstream), bareNode({ headers, body })], "kept");
    found.push({ of, rows: readsRows(rounds, SIDECAR) });
  }
  upstream.tokenBytes = tokenBytes;
  return found;
}

export async function measureIdentities(layout: Layout, document: Document): Promise<readonly Variant[]> {
  const found: Variant[] = [];
  for (const of of IDENTITIES) {
    const names = Array.from({ length: of }, (_, index) => `app-${index}`);
    const file = join(mkdtempSync(join(tmpdir(), "bench-profiles-")), "credentials");
    const section = (name: string) =>
      `[${name}]\naws_access_key_id = AKIAFAKE000000000000\naws_secret_access_key = fake\naws_session_token = fake\n`;
    writeFileSync(file, names.map(section).join("\n"));
    const ours = sidecar(layout, ["--upstream=profile", `--profiles=${names.join(",")}`], {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_CONFIG_FILE: file,
    });
    const paths = names.map((name) => `/v1/credentials/${name}`);
    found.push({ of, rows: readsRows(await warm([ours, bareNode(document)], "kept", paths), SIDECAR) });
  }
  return found;
}
