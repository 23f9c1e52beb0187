/** The variables of a client, and how a shell, a pod and compose write them. Pure. */

import { clientSetup, FIXED_ADDRESS, NO_TOKEN, nameInPath, type TokenBy } from "../../policy/client-setup.ts";
import type { Client } from "../../policy/clients.ts";
import { FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE } from "../../settings/variable-names.ts";

/** Where the token is; the token itself is never shown. */
export type TokenAt =
  | { readonly kind: "none" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "variable" };

export interface ClientLines {
  /** Variables with a value that is written as it is. */
  readonly values: Readonly<Record<string, string>>;
  /** True when the client must be given the token in {@link TOKEN}. */
  readonly tokenVariable: boolean;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

export interface LinesInput {
  /** As it was typed. */
  readonly name: string;
  readonly client: Client;
  /** Where the sidecar serves credentials, as `HOST:PORT`. */
  readonly address: string;
  readonly token: TokenAt;
}

/** What this client must be told. */
export function clientLines({ name, client, address, token }: LinesInput): ClientLines {
  const setup = clientSetup(name, client);
  const path = `/v1/for/${nameInPath(client)}/credentials`;
  const own = setup.note === undefined ? [] : [setup.note];
  if (setup.kind === "full-uri") {
    const { values, tokenVariable, notes } = tokenLines(setup.token, token);
    return { values: { [FULL_URI]: `http://${address}${path}`, ...values }, tokenVariable, notes: [...notes, ...own] };
  }
  const at = FIXED_ADDRESS[setup.kind];
  const notes = [
    `${name} asks ${at} and no other address, so the sidecar must listen there: SIDECAR_LISTEN=${address},${at}`,
    ...(token.kind === "none" ? [] : [`${name} sends no auth token, so that it is refused where one is required`]),
    ...own,
  ];
  switch (setup.kind) {
    case "relative-uri":
      return { values: { [RELATIVE_URI]: path }, tokenVariable: false, notes };
    case "pod-identity":
      return {
        values: { [TOKEN_FILE]: token.kind === "file" ? token.path : NO_TOKEN },
        tokenVariable: false,
        notes,
      };
    case "imds":
      return { values: {}, tokenVariable: false, notes };
  }
}

type TokenLines = ClientLines;

function tokenLines(by: TokenBy, token: TokenAt): TokenLines {
  const lines = (values: ClientLines["values"], tokenVariable: boolean, ...notes: string[]) => ({
    values,
    tokenVariable,
    notes,
  });
  if (token.kind === "none") {
    if (by !== "file-required") return lines({}, false);
    return lines(
      { [TOKEN_FILE]: NO_TOKEN },
      false,
      `it reads the URI only with a token file; where no auth token is asked for, an empty one does`,
    );
  }
  if (token.kind === "file" && by !== "variable") return lines({ [TOKEN_FILE]: token.path }, false);
  if (token.kind === "file" || by === "either" || by === "variable") return lines({}, true);
  return lines({}, false, `it takes a token from a file alone: set SIDECAR_AUTH_TOKEN_FILE and give it the same file`);
}

/** What every SDK takes before the container's URI. */
const SHADOWING = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE";

const comments = (notes: readonly string[]) => notes.map((note) => `# ${note}\n`).join("");

/** For `eval "$(…)"`. */
export function shellText({ values, tokenVariable, notes }: ClientLines, token: TokenAt): string {
  const exports = Object.entries(values)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join("");
  const source = token.kind === "file" ? `"$(cat ${quoted(token.path)})"` : '"$SIDECAR_AUTH_TOKEN"';
  const tokenLine = tokenVariable ? `export ${TOKEN}=${source}\n` : "";
  return `${comments(notes)}unset ${SHADOWING}\n${exports}${tokenLine}`;
}

/** Shells read nothing into a word in single quotes. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** For the container in a pod's manifest. */
export function podText({ values, tokenVariable, notes }: ClientLines): string {
  const rows = Object.entries(values)
    .map(([name, value]) => `  - name: ${name}\n    value: ${JSON.stringify(value)}\n`)
    .join("");
  const secret = `  - name: ${TOKEN}\n    valueFrom: { secretKeyRef: { name: aws-credential-sidecar-token, key: token } }\n`;
  return `${comments(notes)}env:${emptyUnless(rows + (tokenVariable ? secret : ""), "[]")}`;
}

/** For the service in compose.yaml, which shares the sidecar's network. */
export function composeText({ values, tokenVariable, notes }: ClientLines): string {
  const rows = Object.entries(values)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`)
    .join("");
  const secret = `  ${TOKEN}: "\${SIDECAR_AUTH_TOKEN}"\n`;
  return `${comments(notes)}environment:${emptyUnless(rows + (tokenVariable ? secret : ""), "{}")}`;
}

const emptyUnless = (rows: string, empty: string) => (rows === "" ? ` ${empty}\n` : `\n${rows}`);
