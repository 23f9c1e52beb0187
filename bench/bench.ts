/**
 * `npm run bench`: the sidecar as the image runs it beside bare servers that answer with the same bytes, turn by turn on
 * the same cores. `--peers` measures other programs that serve credentials instead. Writes `results.json`, from which
 * `npm run generate` has the tables of docs/benchmarks.md. Absolute figures are the machine's; ratios are what counts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureColdReads } from "./cold.ts";
import { bareGo, bareNode, nginx, SIDECAR, webIdentity } from "./contestants.ts";
import { assertServes, type Document, read } from "./document.ts";
import { measureMemory, measureStarts } from "./footprint.ts";
import { imageLayout, type Layout } from "./image.ts";
import { measurePeers } from "./peers.ts";
import { warm, young } from "./reads.ts";
import type { Results } from "./results.ts";
import { measureSizes } from "./size.ts";
import { readsRows } from "./summary.ts";
import { startUpstream, type Upstream } from "./upstream.ts";
import { measureIdentities, measureTokens } from "./variants.ts";

if (process.platform !== "linux") throw new Error("the bench reads /proc, which only Linux has");
const { values: flags } = parseArgs({
  options: { peers: { type: "boolean", default: false }, only: { type: "string" } },
});

const layout = await imageLayout();
const upstream = await startUpstream();
const document = await sidecarDocument(layout, upstream);

/** In the order in which they are measured. */
const parts: { readonly [Part in keyof Results]?: () => Promise<Results[Part]> } = flags.peers
  ? { peers: () => measurePeers(layout, upstream) }
  : {
      reads: measureReads,
      tokens: () => measureTokens(layout, upstream),
      identities: () => measureIdentities(layout, document),
      starts: async () =>
        await measureStarts([bareNode(document), webIdentity(layout, upstream), await bareGo(document)]),
      memory: async () =>
        await measureMemory([webIdentity(layout, upstream), bareNode(document), await bareGo(document)]),
      cold: () => measureColdReads(layout),
      sizes: () => measureSizes(),
    };
for (const [part, measure] of Object.entries(parts)) {
  if (flags.only !== undefined && !flags.only.split(",").includes(part)) continue;
  const found = await measure();
  keep({ [part]: found });
  console.log(part, JSON.stringify(found, null, 1));
}
upstream.close();

async function measureReads(): Promise<Results["reads"]> {
  const contestants = [
    webIdentity(layout, upstream),
    bareNode(document),
    bareNode(document, "string"),
    await bareGo(document),
    nginx(document),
  ];
  for (const { start } of contestants) {
    const server = await start();
    await assertServes(server, document);
    await server.stop();
  }
  const found: Results["reads"][number][] = [];
  for (const connections of ["kept", "new"] as const) {
    for (const [process, measure] of [
      ["young", young],
      ["warm", warm],
    ] as const) {
      found.push({ connections, process, rows: readsRows(await measure(contestants, connections), SIDECAR) });
    }
  }
  return found;
}

/** What the sidecar answers, for the bare servers to answer with. */
async function sidecarDocument(of: Layout, from: Upstream): Promise<Document> {
  const server = await webIdentity(of, from).start();
  const { headers, body } = await read(server.url);
  await server.stop();
  return { headers, body };
}

/** Each part replaces its older figures, and leaves the other parts. */
function keep(found: Partial<Results>): void {
  const path = new URL("results.json", import.meta.url);
  const [{ model = "unknown" } = {}] = cpus();
  const machine = { node: process.version, cores: cpus().length, model };
  const before: Partial<Results> = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, `${JSON.stringify({ ...before, ...found, machine }, undefined, 1)}\n`);
}
