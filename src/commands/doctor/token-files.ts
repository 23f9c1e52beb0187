/** Checks that token files can be read and do not end with a line break. Never shows their content. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Env } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { TOKEN, TOKEN_FILE } from "../../settings/variable-names.ts";
import type { Finding } from "./finding.ts";

/** What was found at the path that a variable names. */
export interface TokenFile {
  readonly variable: string;
  readonly path: string;
  readonly state:
    | { readonly kind: "clean" }
    | { readonly kind: "newline" }
    | { readonly kind: "empty" }
    | { readonly kind: "unreadable"; readonly error: string };
}

/**
 * The files that clients take a token from, and the sidecar's own, which are often mounted into the application as well.
 * Of a directory, each file in it; names that begin with a dot are Kubernetes' own.
 */
export function lookAtTokenFiles(env: Env, settings: Settings): readonly TokenFile[] {
  const paths = [
    [TOKEN_FILE, env[TOKEN_FILE]],
    ["SIDECAR_AUTH_TOKEN_FILE", settings["auth-token-file"]],
  ] as const;
  const found = paths.flatMap(([variable, path]) =>
    path ? filesIn(path).map((file): TokenFile => ({ variable, path: file, state: stateOf(file) })) : [],
  );
  return [...new Map(found.map((file) => [file.path, file])).values()];
}

/** Returns the path itself when it is not a directory, or when the directory cannot be read. */
function filesIn(path: string): readonly string[] {
  try {
    const names = readdirSync(path).filter((name) => !name.startsWith("."));
    return names.map((name) => join(path, name));
  } catch {
    return [path];
  }
}

function stateOf(path: string): TokenFile["state"] {
  const read = readToken(path);
  if (read.kind === "unreadable") return read;
  if (read.token === "") return { kind: "empty" };
  return { kind: /[\r\n]/.test(read.token) ? "newline" : "clean" };
}

type Read = { readonly kind: "read"; readonly token: string } | { readonly kind: "unreadable"; readonly error: string };

function readToken(path: string): Read {
  try {
    // Reading a FIFO would wait for its writer.
    if (!statSync(path).isFile()) return { kind: "unreadable", error: "not a regular file" };
    return { kind: "read", token: readFileSync(path, "latin1") };
  } catch (error) {
    return { kind: "unreadable", error: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
}

/** The token that the application's SDK would send. Undefined when there is none, or none that a header can carry. */
export function tokenToSend(env: Env): string | undefined {
  const path = env[TOKEN_FILE];
  const read: Read = path ? readToken(path) : { kind: "read", token: env[TOKEN] ?? "" };
  return read.kind === "read" && /^[\x20-\x7e]+$/.test(read.token) ? read.token : undefined;
}

/** Most clients send a token as it is, and a line break in a header is refused by the client itself or by the sidecar. */
export function tokenFindings(env: Env, files: readonly TokenFile[]): readonly Finding[] {
  const found = files.flatMap(ofFile);
  if (!/[\r\n]/.test(env[TOKEN] ?? "")) return found;
  return [...found, newline({ variable: TOKEN }, TOKEN, { line: `${TOKEN}="$(printf %s "$${TOKEN}")"` })];
}

function ofFile({ variable, path, state }: TokenFile): readonly Finding[] {
  const facts = { variable, path };
  const name = `${path} (${variable})`;
  switch (state.kind) {
    case "clean":
      return [];
    case "newline":
      return [newline(facts, name, { command: writeTo(path) })];
    case "empty":
      return [
        {
          severity: "problem",
          code: "token-file-empty",
          facts,
          text: `The token file ${name} is empty`,
          remedy: "write the token into it",
          command: writeTo(path),
        },
      ];
    case "unreadable":
      return [
        {
          severity: "problem",
          code: "token-file-unreadable",
          facts: { ...facts, error: state.error },
          text: `The token file ${name} cannot be read (${state.error})`,
          remedy: "check the volume, and fsGroup and runAsUser of the pod against the file's mode",
        },
      ];
  }
}

function writeTo(path: string): string {
  return `printf %s "$TOKEN" > ${path}`;
}

function newline(facts: Finding["facts"], name: string, step: Pick<Finding, "line" | "command">): Finding {
  const text = `The token of ${name} has a line break: most clients send it as it is, or refuse to send it`;
  return { severity: "problem", code: "token-newline", facts, text, remedy: "write it without one", ...step };
}
