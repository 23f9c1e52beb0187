import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Opens, Tokens } from "../../src/http/authorization.ts";
import { temporaryDirectory } from "./environment.ts";
import { FakeClock, settle } from "./fake-clock.ts";

export interface OpenedTokens {
  readonly tokens: Tokens;
  readonly clock: FakeClock;
  /** Moves the clock, and waits for each look at the files that is due meanwhile. */
  readonly advance: (ms: number) => Promise<void>;
  /** What was said about files that cannot be read. */
  readonly reported: string[];
}

/** How often the files are looked at. */
const LOOK_EVERY_MS = 10_000;

/** The tokens of a setting or a path, on a clock of their own. */
export async function openTokens(
  context: TestContext,
  given: { readonly token?: string; readonly path?: string },
): Promise<OpenedTokens> {
  const clock = new FakeClock();
  const reported: string[] = [];
  const settings = { token: given.token, path: given.path };
  const tokens = await Tokens.open(settings, clock, (error) => reported.push(error.message));
  context.after(() => tokens.stop());
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= LOOK_EVERY_MS) {
      await clock.advance(Math.min(left, LOOK_EVERY_MS));
      await tokens.looked();
      await settle();
    }
  };
  return { tokens, clock, advance, reported };
}

/** A token file with `text`, and what opens by it. */
export async function openTokenFile(
  context: TestContext,
  text: string,
): Promise<OpenedTokens & { readonly path: string }> {
  const path = join(temporaryDirectory(context), "token");
  writeFileSync(path, text);
  return { ...(await openTokens(context, { path })), path };
}

/** What a token opens that is for these identities and no others. */
export const only = (...identities: string[]): Opens => new Set(identities);

/**
 * Writes files as the kubelet writes a mounted Secret (its AtomicWriter): the names are links into `..data`, which is
 * a link to a directory of this version and is swapped as a whole.
 */
export function mountSecret(directory: string, version: number, files: Readonly<Record<string, string>>): void {
  const data = `..2026_01_01_00_00_0${version}.1`;
  mkdirSync(join(directory, data));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, data, name), text);
  symlinkSync(data, join(directory, "..data_tmp"));
  renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
  const visible = readdirSync(directory).filter((name) => !name.startsWith(".."));
  for (const name of Object.keys(files)) {
    if (!visible.includes(name)) symlinkSync(join("..data", name), join(directory, name));
  }
  for (const name of visible) if (!(name in files)) rmSync(join(directory, name));
  for (const name of readdirSync(directory)) {
    if (name.startsWith("..2026") && name !== data) rmSync(join(directory, name), { recursive: true });
  }
}
