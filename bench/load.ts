/** The load: wrk, which answers for itself by taking far less of a core than any server here. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const REPORT = fileURLToPath(new URL("report.lua", import.meta.url));

/** As many readers at once as a busy pod has. */
const CONNECTIONS = 16;

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly keepAlive: boolean;
  readonly connections?: number;
  /** Sent with each request. */
  readonly headers?: readonly string[];
  /** Read in turn instead of the URL's own. */
  readonly paths?: readonly string[];
}

export interface Answered {
  readonly answered: number;
  readonly seconds: number;
  /** Answers other than 200, and connections that broke. */
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

/** Reads as fast as it is answered. Throws when a read fails. */
export async function load({ url, seconds, keepAlive, connections = CONNECTIONS, ...given }: Load): Promise<Answered> {
  const headers = [...(given.headers ?? []), ...(keepAlive ? [] : ["Connection: close"])];
  const options = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "-s",
    REPORT,
    ...headers.flatMap((line) => ["-H", line]),
  ];
  const { stdout } = await promisify(execFile)("wrk", [...options, url, "--", ...(given.paths ?? [])]);
  const answered: Answered = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  if (answered.failed > 0 || answered.answered === 0) throw new Error(`${url}: reads failed: ${stdout}`);
  return answered;
}
