/** `refresh`: asks the running sidecar for new credentials, in an image that has neither a shell nor curl. */
import type { Clock, Edge } from "../edge.ts";
import { REFRESH_ANSWER_MS, type RefreshDocument } from "../http/refresh.ts";
import { readTokens } from "../http/token-files.ts";
import { printable } from "../printable.ts";
import type { Settings } from "../settings/table.ts";
import { SECOND } from "../time.ts";
import { jsonObject } from "../upstream/json-object.ts";
import { askAdmin, whyNoAnswer } from "./ask-admin.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { sentence } from "./healthcheck.ts";
import { adminUrl } from "./readiness.ts";
import { loadSettings } from "./settings.ts";

const TIMEOUT_MS = REFRESH_ANSWER_MS + 5 * SECOND;

type Result = RefreshDocument["identities"][number];

type Reply =
  | { readonly kind: "answered"; readonly results: readonly Result[] }
  /** 401 and 403: another token may open it. */
  | { readonly kind: "refused"; readonly byToken: boolean; readonly line: string };

/**
 * Exit 0 when every identity has new credentials. `args` begin with the names of identities; without any, all of them are
 * refreshed.
 */
export async function refresh(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
  const names = args.slice(0, firstFlag === -1 ? args.length : firstFlag);
  const loaded = loadSettings("refresh", args.slice(names.length), edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  const admin = adminUrl(loaded.settings);
  if (admin === undefined) {
    edge.printError(
      "AdminOff: refresh asks the admin listener, and SIDECAR_ADMIN_LISTEN is off; send SIGHUP instead\n",
    );
    return exitCodes.badSettings;
  }
  const tokens = await tokensOf(loaded.settings);
  const replies =
    names.length === 0
      ? await Promise.all(tokens.map((token) => ask(`${admin}/refresh`, token, edge.clock)))
      : await Promise.all(names.map((name) => askWithAny(`${admin}/refresh?identity=${name}`, tokens, edge.clock)));
  return report(replies, edge);
}

/** The tokens to show; without any, one request without a token. */
async function tokensOf({ "auth-token": token, "auth-token-file": path }: Settings) {
  if (token !== undefined) return [token];
  const read = path === undefined ? [] : (await readTokens(path)).tokens;
  return read.length === 0 ? [undefined] : read.map((one) => one.token);
}

/** The answer to the first token that opens the identity. */
async function askWithAny(url: string, tokens: readonly (string | undefined)[], clock: Clock): Promise<Reply> {
  let last: Reply = { kind: "refused", byToken: true, line: "" };
  for (const token of tokens) {
    last = await ask(url, token, clock);
    if (last.kind === "answered" || !last.byToken) break;
  }
  return last;
}

async function ask(url: string, token: string | undefined, clock: Clock): Promise<Reply> {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: token };
  try {
    const { status, text } = await askAdmin({ url, method: "POST", headers, limitMs: TIMEOUT_MS }, clock);
    return replyOf(status, text) ?? notReachable(`${url} is no sidecar of this version: it answers ${status}`);
  } catch (error) {
    return notReachable(whyNoAnswer(url, error));
  }
}

function notReachable(why: string): Reply {
  return { kind: "refused", byToken: false, line: sentence({ kind: "not-reachable", why }) };
}

/** Undefined for what no sidecar answers. */
function replyOf(status: number, text: string): Reply | undefined {
  const { identities: results, code, message } = jsonObject(text) ?? {};
  if (Array.isArray(results) && results.every(isResult)) return { kind: "answered", results };
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return { kind: "refused", byToken: status === 401 || status === 403, line: `${code}: ${message}` };
}

function isResult(value: unknown): value is Result {
  const { identity, result } = Object(value);
  return typeof identity === "string" && typeof result === "string";
}

function report(replies: readonly Reply[], edge: Edge): ExitCode {
  const faults = new Set(replies.flatMap((reply) => (reply.kind === "refused" ? [reply.line] : [])));
  // The default identity and the first profile are one, and both may have a token: the second request was too soon.
  const results = new Map<string, Result>();
  for (const result of replies.flatMap((reply) => (reply.kind === "answered" ? reply.results : []))) {
    if (!results.has(result.identity) || result.result !== "too-soon") results.set(result.identity, result);
  }
  for (const result of results.values()) {
    const { identity, expiration } = result;
    const fault = faultOf(result);
    if (fault !== undefined) faults.add(fault);
    else
      edge.print(
        `${printable(`${identity}: refreshed${expiration === undefined ? "" : `; expires at ${expiration}`}`)}\n`,
      );
  }
  for (const line of faults) edge.printError(`${printable(line)}\n`);
  if (faults.size > 0) return exitCodes.failure;
  edge.print("Applications sign with what they have until they read again.\n");
  return exitCodes.ok;
}

function faultOf({ identity, result, ...more }: Result): string | undefined {
  switch (result) {
    case "refreshed":
      return undefined;
    case "unchanged":
      return `NotReplaced: ${identity}: upstream caches its sessions, and gave the cached one again`;
    case "too-soon":
      return `RefreshTooSoon: ${identity}: was asked for less than a minute ago; try again in ${more.retryAfterSeconds} s`;
    case "failed":
      return `RefreshFailed: ${identity}: ${more.message}; ${more.served ? "the cached credentials are still served" : "there are no credentials to serve"}; to do: ${more.remedy}`;
    default:
      return `RefreshPending: ${identity}: upstream has not answered yet; the log will say how it ends`;
  }
}
