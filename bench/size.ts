/** What a pull of the image moves: the layers of our own, and Node beside what a stripped one would be. */
import { execFile } from "node:child_process";
import { readFileSync, rmSync, statSync } from "node:fs";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { CACHE } from "./image.ts";

const run = promisify(execFile);

/** In MB, as registries count: 10^6 bytes, compressed with gzip as a registry has it, unless named otherwise. */
export interface Sizes {
  readonly ownFiles: number;
  readonly own: number;
  readonly ownZstd: number;
  readonly node: number;
  readonly nodeStripped: number;
}

const mb = (bytes: number): number => Math.round(bytes / 10_000) / 100;

export async function measureSizes(): Promise<Sizes> {
  const archive = `${CACHE}app.tar`;
  await run("tar", ["-C", CACHE, "-cf", archive, "app"]);
  const tar = readFileSync(archive);
  const stripped = `${CACHE}node-stripped`;
  await run("strip", ["-o", stripped, process.execPath]);
  const sizes = {
    ownFiles: mb(statSync(archive).size),
    own: mb(gzipSync(tar).length),
    ownZstd: mb(zstdCompressSync(tar).length),
    node: mb(gzipSync(readFileSync(process.execPath)).length),
    nodeStripped: mb(gzipSync(readFileSync(stripped)).length),
  };
  rmSync(stripped);
  rmSync(archive);
  return sizes;
}
