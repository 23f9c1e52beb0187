/** Debian's prometheus and promtool. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { temporaryDirectory } from "../../test/support/environment.ts";

export const monitoring = fileURLToPath(new URL("../../deploy/monitoring/", import.meta.url));

function begin(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { cwd: monitoring, stdio: ["pipe", "pipe", "pipe"] });
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new Error(`${command} is missing: run acceptance/monitoring/install.sh, which installs Debian's prometheus`);
  });
  return child;
}

export interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs promtool to its end, in deploy/monitoring. */
export async function promtool(args: readonly string[], input = ""): Promise<Ran> {
  const child = begin("promtool", args);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stdin?.end(input);
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** A Prometheus of the test's own; ended, with its data, when the test ends. */
export class Prometheus {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** Resolves when it answers. */
  static async start(t: TestContext, config: object): Promise<Prometheus> {
    const folder = temporaryDirectory(t);
    const file = join(folder, "prometheus.yaml");
    writeFileSync(file, stringify(config));
    const storage = `--storage.tsdb.path=${join(folder, "data")}`;
    const child = begin("prometheus", [`--config.file=${file}`, storage, "--web.listen-address=127.0.0.1:0"]);
    const ended = once(child, "close");
    t.after(async () => {
      child.kill("SIGTERM");
      await ended;
    });
    return new Prometheus(`http://${await addressOf(child)}`);
  }

  /** One part of its API's answer. Rejects with what it says is wrong. */
  async ask<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T };
    if (status !== "success") throw new Error(error);
    return data;
  }

  async query(expr: string): Promise<readonly Sample[]> {
    return (await this.ask<{ readonly result: readonly Sample[] }>("query", { query: expr })).result;
  }

  /** The first answer that is good. Prometheus tells nobody when it has scraped, so it is asked again and again. */
  async until(expr: string, isGood: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]> {
    for (const end = Date.now() + LIMIT_MS; ; ) {
      const samples = await this.query(expr);
      if (isGood(samples)) return samples;
      if (Date.now() > end) throw new Error(`${expr} was still ${JSON.stringify(samples)}`);
      await new Promise<void>((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}

/** It scrapes once a second here; a machine on which this takes longer is broken. */
const LIMIT_MS = 60_000;
const ASK_EVERY_MS = 200;

/** It listens before it answers. */
const READY = "Server is ready to receive web requests.";

async function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    const [, address] = /msg="Listening on" address=(\S+)/.exec(said) ?? [];
    if (address !== undefined && said.includes(READY)) resolve(address);
  });
  child.on("exit", (code) => reject(new Error(`prometheus ended with ${code}:\n${said}`)));
  return await promise;
}
