/**
 * STS of several regions on their real names, behind a proxy that leads to each: the sidecar is pointed at no endpoint of
 * ours, for with one it would have no other regions. A region that is down can be reached no more.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { promisify } from "node:util";
import { formatTime } from "../../src/time.ts";
import { stsAnswer } from "../../test/support/sts-answers.ts";
import { invent } from "./fake-upstream.ts";
import { answer, type Handler, type Served } from "./http.ts";
import type { Ledger } from "./ledger.ts";

export interface StsSettings {
  readonly regions: readonly string[];
  readonly sessionMs: number;
}

export interface StsReport {
  /** Sessions that each region gave. */
  readonly issued: Readonly<Record<string, number>>;
}

export class FakeSts {
  readonly #settings: StsSettings;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #issued = new Map<string, number>();
  #down: readonly string[] = [];

  constructor(settings: StsSettings, ledger: Ledger, now: () => number) {
    this.#settings = settings;
    this.#ledger = ledger;
    this.#now = now;
  }

  /** These regions do not answer from now on; all others do. */
  set(down: readonly string[]): void {
    this.#down = down;
  }

  report(): StsReport {
    return { issued: Object.fromEntries(this.#issued) };
  }

  /** The proxy's address, and the certificate to trust (PEM). */
  async open(): Promise<Served & { readonly certificate: string }> {
    const { key, certificate } = await certificateFor(this.#settings.regions.map(hostOf));
    const sts = createTlsServer({ key, cert: certificate }, (request, response) => {
      answer(this.#handle, request, response).catch(() => response.destroy());
    });
    const proxy = createServer();
    const sockets = new Set<Duplex>();
    proxy.on("connect", (request: IncomingMessage, socket: Duplex) => {
      sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
      if (this.#isDown(request.url ?? "")) return void socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      sts.emit("connection", socket);
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, certificate, close: () => end(proxy, sockets) };
  }

  readonly #handle: Handler = ({ headers, body }) => {
    const host = headers.host ?? "";
    const region = this.#settings.regions.find((one) => host.startsWith(hostOf(one)));
    const action = new URLSearchParams(body.toString()).get("Action") ?? "";
    // A connection that was open before is none any more.
    if (region === undefined || this.#isDown(host)) return undefined;
    const issued = invent(Math.floor(this.#now() / 1_000) * 1_000 + this.#settings.sessionMs);
    this.#ledger.record(issued);
    this.#issued.set(region, (this.#issued.get(region) ?? 0) + 1);
    const { headers: sent = {}, body: text = "" } = stsAnswer(action, {
      ...issued,
      expiration: formatTime(issued.expiration),
    });
    return { status: 200, headers: sent as Record<string, string>, body: text };
  };

  #isDown(host: string): boolean {
    return this.#down.some((region) => host.startsWith(hostOf(region)));
  }
}

function hostOf(region: string): string {
  return `sts.${region}.amazonaws.com`;
}

async function end(proxy: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  const closed = once(proxy, "close");
  proxy.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** openssl takes its dates from this process's clock, which may be a faked one. */
async function certificateFor(
  hosts: readonly string[],
): Promise<{ readonly key: string; readonly certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), "fake-sts-"));
  try {
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
    const names = hosts.map((host) => `DNS:${host}`).join(",");
    const subject = ["-subj", "/CN=fake STS", "-addext", `subjectAltName=${names}`];
    const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650"];
    await promisify(execFile)("openssl", ["req", "-x509", ...made, ...subject, "-keyout", key, "-out", certificate]);
    return { key: await readFile(key, "utf8"), certificate: await readFile(certificate, "utf8") };
  } finally {
    await rm(folder, { recursive: true });
  }
}
