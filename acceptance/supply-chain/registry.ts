/** A registry of this machine's own, over TLS, and what of Docker's client a release needs of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { selfSigned } from "../certificate.ts";

const program = fileURLToPath(new URL("build/registry", import.meta.url));

export interface Registry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** The certificate, in PEM, that its users have to trust. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Starts the reference implementation (github.com/distribution/distribution) with its files in this folder. */
export async function openRegistry(folder: string): Promise<Registry> {
  const { key, certificate } = await selfSigned(folder);
  const configuration = {
    version: 0.1,
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "registry") } },
    http: { addr: "127.0.0.1:0", secret: "fake-secret", tls: { certificate, key } },
  };
  const file = join(folder, "registry.yml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration));
  const registry = spawn(program, ["serve", file], { stdio: ["ignore", "ignore", "pipe"], env: {} });
  return { host: await listeningOn(registry), certificate, close: () => ended(registry) };
}

async function listeningOn(registry: ChildProcess): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: registry.stderr as NodeJS.ReadableStream })) {
    const host = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (host !== undefined) {
      registry.stderr?.resume();
      return host;
    }
    lines.push(line);
  }
  throw new Error(`the registry ended:\n${lines.join("\n")}`);
}

async function ended(registry: ChildProcess): Promise<void> {
  if (registry.exitCode !== null) return;
  registry.kill();
  await once(registry, "exit");
}

/**
 * Puts a `docker` into this folder whose only commands are the two of `docker buildx imagetools` that the release has:
 * there is no Docker here. It speaks to the registry as Docker would.
 */
export function standInForImagetools(bin: string): void {
  mkdirSync(bin, { recursive: true });
  const script = fileURLToPath(new URL("imagetools.ts", import.meta.url));
  writeFileSync(join(bin, "docker"), `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(join(bin, "docker"), 0o755);
}
