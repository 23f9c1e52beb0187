/** What `doctor` asks over HTTP besides upstream: the running sidecar, and the addresses in an application's variables. */
import { request } from "undici";
import type { Clock } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { parseStatus } from "../../status/parse-status.ts";
import type { Status } from "../../status/status.ts";
import { askAdmin } from "../ask-admin.ts";
import { adminUrl } from "../readiness.ts";
import type { Finding } from "./finding.ts";

/** The answer of this pod's sidecar, if one is running. */
export type SidecarAnswer =
  | { readonly kind: "running"; readonly url: string; readonly status: Status }
  /** Nothing listens there; without a URL the admin listener is off. */
  | { readonly kind: "none"; readonly url: string | undefined }
  /** `SIDECAR_STATUS` forbids it; its readiness is for everyone. */
  | { readonly kind: "hidden"; readonly url: string; readonly ready: boolean }
  | { readonly kind: "unreadable"; readonly url: string; readonly why: string };

const TIMEOUT_MS = 2_000;
const TIMEOUTS = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS } as const;

export async function askSidecar(settings: Settings, clock: Pick<Clock, "setTimer">): Promise<SidecarAnswer> {
  const url = adminUrl(settings);
  if (url === undefined) return { kind: "none", url };
  try {
    const { status: statusCode, text } = await askAdmin({ url: `${url}/status`, limitMs: TIMEOUT_MS }, clock);
    const status = parseStatus(parseJson(text));
    if (statusCode === 200 && status !== undefined) return { kind: "running", url, status };
    if (statusCode === 403) {
      const readiness = await askAdmin({ url: `${url}/readyz`, limitMs: TIMEOUT_MS }, clock);
      return { kind: "hidden", url, ready: readiness.status === 200 };
    }
    return { kind: "unreadable", url, why: `HTTP ${statusCode}` };
  } catch (error) {
    const code = codeOf(error);
    return code === "ECONNREFUSED" ? { kind: "none", url } : { kind: "unreadable", url, why: code };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "failed";
}

export type UriAnswer =
  | { readonly kind: "answered"; readonly status: number }
  | { readonly kind: "failed"; readonly code: string };

/** Asks as an SDK would, but with HEAD, to which the sidecar gives no credentials and which counts as no read. */
export async function askForHead(uri: URL, token: string | undefined): Promise<UriAnswer> {
  return await answerTo(uri, { method: "HEAD", headers: token === undefined ? {} : { Authorization: token } });
}

/** Opens an IMDSv2 session of a second. */
export async function askForSession(endpoint: URL): Promise<UriAnswer> {
  const headers = { "X-aws-ec2-metadata-token-ttl-seconds": "1" };
  return await answerTo(new URL("/latest/api/token", endpoint), { method: "PUT", headers });
}

async function answerTo(uri: URL, options: Parameters<typeof request>[1]): Promise<UriAnswer> {
  try {
    const { statusCode: status, body } = await request(uri, { ...TIMEOUTS, ...options });
    await body.dump();
    return { kind: "answered", status };
  } catch (error) {
    return { kind: "failed", code: codeOf(error) };
  }
}

const CHECKING = "checking the settings it would start with, with one attempt at each upstream";

/** Says which sidecar the rest of the report is about. */
export function sidecarFindings(answer: SidecarAnswer): readonly Finding[] {
  const { url } = answer;
  switch (answer.kind) {
    case "running": {
      const { version, hostname } = answer.status;
      const text = `A sidecar is running at ${url} (version ${version}, on ${hostname})`;
      return [{ severity: "ok", code: "sidecar-running", facts: { url, version, hostname }, text }];
    }
    case "none": {
      const where = url === undefined ? "SIDECAR_ADMIN_LISTEN is off, so a running sidecar cannot be asked" : undefined;
      const text = `${where ?? `No sidecar is running at ${url}`}; ${CHECKING}`;
      return [{ severity: "ok", code: "sidecar-not-running", facts: { url }, text }];
    }
    case "hidden":
      return [hidden(answer), ...(answer.ready ? [] : [notReady(answer)])];
    case "unreadable":
      return [
        {
          severity: "problem",
          code: "status-unreadable",
          facts: { url, why: answer.why },
          text: `What listens at ${url} does not answer as a sidecar of this version (${answer.why}); ${CHECKING}`,
          remedy: "set the address of the sidecar's admin listener, or find out which other program uses its port",
          line: "SIDECAR_ADMIN_LISTEN=:9912",
        },
      ];
  }
}

type Hidden = Extract<SidecarAnswer, { kind: "hidden" }>;

function hidden({ url }: Hidden): Finding {
  return {
    severity: "advice",
    code: "status-hidden",
    facts: { url },
    text: `The sidecar at ${url} does not show its status; checking the settings it would start with`,
    remedy: "let this pod read it",
    line: "SIDECAR_STATUS=loopback",
  };
}

function notReady({ url }: Hidden): Finding {
  return {
    severity: "problem",
    code: "not-ready",
    facts: { url },
    text: `The sidecar at ${url} is not ready: it has no credentials to serve`,
    remedy: "read its log, or let this pod read its status",
    line: "SIDECAR_STATUS=loopback",
  };
}
