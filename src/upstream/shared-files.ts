/** The shared config and credentials files: where they are, and what both say of each profile. */

import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Env } from "../edge.ts";
import { UpstreamFailure } from "./failure.ts";
import { MAX_SHARED_BYTES, readTextFile } from "./files.ts";
import { IniError, parseIni, type Section } from "./ini.ts";
import { nameAfter } from "./section-names.ts";

type Sections = ReadonlyMap<string, Section>;

export interface SharedFiles {
  /** By name, with what the credentials file says in place of what the config file says. */
  readonly profiles: Sections;
  /** The profiles of the config file alone. */
  readonly config: Sections;
  /** Of the credentials file alone. */
  readonly credentials: Sections;
  readonly ssoSessions: Sections;
  readonly services: Sections;
  /** The two files in words, for messages. */
  readonly where: string;
}

const CONFIG = "AWS_CONFIG_FILE";
const CREDENTIALS = "AWS_SHARED_CREDENTIALS_FILE";

/** The home directory, or undefined for a user without one, who has no shared files (botocore and Go do the same). */
export function homeDirectory(env: Env): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** Rejects with an `UpstreamFailure` (`not-configured`) when a file is there and cannot be read. */
export async function readSharedFiles(env: Env): Promise<SharedFiles> {
  const config = await readSections(env, CONFIG, "config");
  const credentials = await readSections(env, CREDENTIALS, "credentials");
  const named = (kind: string) => sectionsOf(config, kind);
  const configured = named("profile");
  const profiles = new Map(configured);
  for (const [name, section] of credentials) profiles.set(name, new Map([...(profiles.get(name) ?? []), ...section]));
  return {
    profiles,
    config: configured,
    credentials,
    ssoSessions: named("sso-session"),
    services: named("services"),
    where: `${pathOf(env, CONFIG, "config") ?? CONFIG} or ${pathOf(env, CREDENTIALS, "credentials") ?? CREDENTIALS}`,
  };
}

/** The sections of a kind by their names; `[default]` is a profile too. */
function sectionsOf(config: Sections, kind: string): Sections {
  const found = new Map<string, Section>();
  for (const [header, section] of config) {
    const name = kind === "profile" && header === "default" ? header : nameAfter(kind, header);
    if (name !== undefined) found.set(name, section);
  }
  return found;
}

function pathOf(env: Env, variable: string, name: string): string | undefined {
  const home = homeDirectory(env);
  const path = env[variable];
  if (!path) return home === undefined ? undefined : join(home, ".aws", name);
  return path.startsWith("~/") && home !== undefined ? join(home, path.slice(2)) : path;
}

async function readSections(env: Env, variable: string, name: string): Promise<Sections> {
  const path = pathOf(env, variable, name);
  // The usual way to have no such file.
  if (path === undefined || path === "/dev/null") return new Map();
  const what = env[variable] ? variable : `the shared ${name} file`;
  try {
    return parseIni(await readTextFile(path, what, MAX_SHARED_BYTES));
  } catch (thrown) {
    if (thrown instanceof IniError)
      throw new UpstreamFailure("not-configured", `${what}: ${path}: ${thrown.message}`, {
        subject: { path, variable: env[variable] ? variable : undefined },
      });
    if (!env[variable] && (await isAbsent(path, thrown))) return new Map();
    throw thrown;
  }
}

/** Without a variable that names it, a file need not be there, nor a home directory be open to us (`HOME=/root` as another user). */
async function isAbsent(path: string, thrown: unknown): Promise<boolean> {
  const code = thrown instanceof UpstreamFailure ? thrown.upstreamCode : undefined;
  if (code !== "EACCES") return code === "ENOENT" || code === "ENOTDIR";
  return await stat(path).then(
    () => false,
    () => true,
  );
}
