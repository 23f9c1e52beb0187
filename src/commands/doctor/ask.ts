/** The questions that `doctor` asks of the world beyond upstream: the running sidecar, and the token files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import type { Edge } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import type { Status } from "../../status/status.ts";
import { version } from "../../version.ts";
import { adminUrl } from "../healthcheck.ts";
import type { TokenFile } from "./variables.ts";

/** Whether a sidecar of this pod answers, and what it says of itself. */
export type Answer =
  | { readonly kind: "running"; readonly url: string; readonly status: Status }
  /** Nothing listens there; without a URL the admin listener is off. */
  | { readonly kind: "none"; readonly url: string | undefined }
  /** `SIDECAR_STATUS` forbids it. */
  | { readonly kind: "hidden"; readonly url: string }
  | { readonly kind: "strange"; readonly url: string; readonly why: string };

const TIMEOUT_MS = 2_000;

export async function askSidecar(settings: Settings): Promise<Answer> {
  const url = adminUrl(settings);
  if (url === undefined) return { kind: "none", url };
  try {
    const { statusCode, body } = await request(`${url}/status`, {
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const document = parse(await body.text());
    if (statusCode === 200 && isStatus(document)) return { kind: "running", url, status: document };
    if (statusCode === 403) return { kind: "hidden", url };
    return { kind: "strange", url, why: `HTTP ${statusCode}` };
  } catch (error) {
    const { code = "failed" } = error as NodeJS.ErrnoException;
    return code === "ECONNREFUSED" ? { kind: "none", url } : { kind: "strange", url, why: code };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Another program may have taken the port, and another version may write its status in another way. */
function isStatus(document: unknown): document is Status {
  const { version: theirs, settings, identities, clients, refusals, drops } = Object(document);
  return (
    theirs === version && settings instanceof Object && [identities, clients, refusals, drops].every(Array.isArray)
  );
}

/** Files that readers take a token from, or should: those of the sidecar are mounted into the application as well. */
const TOKEN_FILES: readonly string[] = ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "SIDECAR_AUTH_TOKEN_FILE"];

/** How each token file ends. Of a directory, each file in it; names that begin with a dot are Kubernetes' own. */
export function lookAtTokenFiles({ env }: Pick<Edge, "env">, settings: Settings): readonly TokenFile[] {
  const given: Edge["env"] = { ...env, SIDECAR_AUTH_TOKEN_FILE: settings["auth-token-file"] };
  const found = TOKEN_FILES.flatMap((variable) => {
    const path = given[variable];
    return path ? filesIn(path).map((file): TokenFile => ({ variable, path: file, state: stateOf(file) })) : [];
  });
  return [...new Map(found.map((file) => [file.path, file])).values()];
}

/** The path itself where there is no directory, or none that can be read. */
function filesIn(path: string): readonly string[] {
  try {
    const names = readdirSync(path).filter((name) => !name.startsWith("."));
    return names.map((name) => join(path, name));
  } catch {
    return [path];
  }
}

function stateOf(path: string): TokenFile["state"] {
  try {
    return { kind: /[\r\n]/.test(readFileSync(path, "latin1")) ? "newline" : "clean" };
  } catch (error) {
    return { kind: "unreadable", error: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
}
