import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export type Variables = Readonly<Record<string, string | undefined>>;

/** A directory that is gone when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "credential-sidecar-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/**
 * What a process has that knows nothing of AWS: an empty home, so that no developer's profile decides a test, and no
 * IMDS beyond the loopback.
 */
export function bareEnvironment(home: string, given: Variables = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: "true", ...given };
}

/** Replaces this process's environment until the test ends: the SDK and undici read `process.env` themselves. */
export function useEnvironment(t: TestContext, given: Variables = {}): { readonly home: string } {
  const before = process.env;
  const home = temporaryDirectory(t);
  process.env = bareEnvironment(home, given);
  t.after(() => {
    process.env = before;
  });
  return { home };
}

/** The shared files of a home, as the SDKs read them. */
export function writeShared(home: string, files: { readonly config?: string; readonly credentials?: string }): void {
  mkdirSync(join(home, ".aws"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, ".aws", name), text);
}
