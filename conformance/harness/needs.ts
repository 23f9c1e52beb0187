/** The commands that clients need, and the builds of their programs. */
import { access, constants, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../processes.ts";

export interface Missing {
  readonly client: string;
  readonly command: string;
  /** The Debian package, or the toolchain, that brings the command. */
  readonly package: string;
}

/** Told to whoever runs this, all at once; nothing is skipped in silence. */
export class MissingToolError extends Error {
  override readonly name = "MissingToolError";

  constructor(missing: readonly Missing[]) {
    const lines = missing.map(
      ({ client, command, package: name }) => `${client} needs \`${command}\`: install ${name}`,
    );
    super([...new Set(lines)].join("\n"));
  }
}

/** Whoever needs commands, and has something to build: a client, or an upstream. */
export interface Buildable {
  readonly name: string;
  readonly needs: readonly { readonly command: string; readonly package: string }[];
  readonly build: readonly string[];
  readonly folder: string;
}

/** Throws a {@link MissingToolError} that names everything that is missing. */
export async function requireTools(those: readonly Buildable[], path = process.env.PATH ?? ""): Promise<void> {
  const wanted = those.flatMap(({ name, needs }) => needs.map((need) => ({ client: name, ...need })));
  const there = await Promise.all(wanted.map(({ command }) => isOnPath(command, path)));
  const missing = wanted.filter((_, index) => there[index] === false);
  if (missing.length > 0) throw new MissingToolError(missing);
}

async function isOnPath(command: string, path: string): Promise<boolean> {
  const places = command.includes("/") ? [command] : path.split(delimiter).map((folder) => join(folder, command));
  const looks = places.map((place) =>
    access(place, constants.X_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(looks)).includes(true);
}

/** Where every program is built. */
export const buildFolder = fileURLToPath(new URL("../build", import.meta.url));

/** A cold Rust or Kotlin build on two cores; more is a build that hangs. */
const BUILD_LIMIT_MS = 15 * 60_000;

/**
 * Builds each program once. Those of one tool are built one after the other, for they share its caches; the tools work
 * side by side, for half of a cold build waits for the network, and Cargo takes as long as all others together.
 */
export async function build(those: readonly Buildable[], say: (line: string) => void = () => {}): Promise<void> {
  await mkdir(buildFolder, { recursive: true });
  const builds = new Map(those.map((one) => [`${one.folder} ${one.build.join(" ")}`, one]));
  const byTool = Map.groupBy(builds.values(), ({ build: [tool] }) => tool);
  const lanes = [...byTool.values()].map(async (lane) => {
    for (const one of lane) await buildOne(one, say);
  });
  await Promise.all(lanes);
}

async function buildOne({ name, folder, build: command }: Buildable, say: (line: string) => void): Promise<void> {
  const [program, ...args] = command;
  if (program === undefined) return;
  const startedAt = performance.now();
  // A compiler keeps its caches in the home folder.
  const env = Object.fromEntries(Object.entries(process.env).map(([key, value]) => [key, value ?? ""]));
  const { code, stdout, stderr, timedOut } = await run(program, args, env, { cwd: folder, limitMs: BUILD_LIMIT_MS });
  if (code !== 0) {
    throw new Error(`building ${name} ${timedOut ? "took too long" : `ended with ${code}`}:\n${stdout}${stderr}`);
  }
  say(`built ${name} in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}
