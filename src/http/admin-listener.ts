/**
 * The admin listener, for the kubelet, Prometheus and people. Never a secret.
 *
 * GET /livez            the event loop answers; upstream cannot fail it, because a restart would lose the cached credentials
 * GET /readyz           every identity was loaded and is not expired; `?verbose` says why not
 * GET /metrics          Prometheus
 * GET /status, GET /    the same as JSON and as a page, to whom `SIDECAR_STATUS` allows
 * POST /refresh         asks upstream now; from this pod alone
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isLoopback } from "../settings/addresses.ts";
import type { Settings } from "../settings/table.ts";
import { statusJson } from "../status/json.ts";
import { type Status, statusText } from "../status/status.ts";
import { type Answer, answer, json, renderError, renderText } from "./documents.ts";
import { foreignHeader } from "./foreign-headers.ts";
import { isRefresh } from "./refresh.ts";
import { sharedRendering } from "./shared-rendering.ts";

export interface AdminListenerOptions {
  readonly status: () => Status;
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  /** Who may read the status (`SIDECAR_STATUS`). */
  readonly readableBy: Settings["status"];
  /** The wall clock in ms. */
  readonly now: () => number;
  readonly refresh: (request: IncomingMessage) => Promise<Answer>;
}

export function adminListener(options: AdminListenerOptions) {
  const rendered = renderings(options);
  return (request: IncomingMessage, reply: (answer: Answer) => void): void => {
    void answerOf(options, rendered, request).then(reply, () => {
      reply(renderError(500, "Failed", "the answer could not be rendered"));
    });
  };
}

/** What takes time to render and may be asked for by many at once. */
function renderings({ status, metrics, now: clock }: AdminListenerOptions) {
  return {
    metrics: sharedRendering(async () => answer(200, metrics.contentType, await metrics.render()), clock),
    verbose: sharedRendering(() => {
      const now = status();
      return renderText(now.ready ? 200 : 503, statusText(now));
    }, clock),
    status: sharedRendering(() => json(200, statusJson(status())), clock),
    page: sharedRendering(() => pageAnswer(status()), clock),
  };
}

async function answerOf(
  { status, readableBy, refresh }: AdminListenerOptions,
  rendered: ReturnType<typeof renderings>,
  request: IncomingMessage,
): Promise<Answer> {
  if (isRefresh(request.url)) return await refresh(request);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return renderError(405, "MethodNotAllowed", "allowed here: GET, HEAD", ["Allow", "GET, HEAD"]);
  }
  switch (request.url) {
    case "/livez":
      return renderText(200, "ok\n");
    case "/readyz":
      return status().ready ? renderText(200, "ok\n") : renderText(503, "not ready\n");
    case "/metrics":
      return await rendered.metrics();
    case "/readyz?verbose":
      return mayRead(readableBy, request) ? rendered.verbose() : NOT_READABLE;
    case "/status":
      return mayRead(readableBy, request) ? rendered.status() : NOT_READABLE;
    case "/":
      return mayRead(readableBy, request) ? await rendered.page() : NOT_READABLE;
    default:
      return renderError(404, "NotFound", "no such path; /livez, /readyz, /metrics, /status");
  }
}

/** The page is loaded at the first request for it, because nobody ever opens it in most pods. */
async function pageAnswer(status: Status): Promise<Answer> {
  const { PAGE_SECURITY, statusPage } = await import("../status/page.ts");
  return answer(200, "text/html; charset=utf-8", statusPage(status), PAGE_SECURITY);
}

const NOT_READABLE = renderError(
  403,
  "StatusNotReadable",
  "SIDECAR_STATUS does not allow this: `loopback` is for this pod and kubectl port-forward, at 127.0.0.1 or localhost, not through a proxy or from another web page; `off` is for nobody",
);

/**
 * From loopback alone is not enough: requests of a reverse proxy in the pod come from there too, and so do those of any
 * page in a developer's browser, under that page's own name or from its script.
 */
function mayRead(readableBy: Settings["status"], request: IncomingMessage): boolean {
  if (readableBy !== "loopback") return readableBy === "anyone";
  const { socket, headers } = request;
  if (wasForwarded(request) || isFromAnotherSite(headers)) return false;
  const name = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(headers.host ?? "");
  const host = name?.[1] ?? name?.[2] ?? "";
  const localName = host === "localhost" || (/^[\d.:a-f]+$/i.test(host) && isLoopback(host));
  return localName && isLoopback(socket.remoteAddress ?? "");
}

function wasForwarded({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.some((name, index) => index % 2 === 0 && foreignHeader(name.toLowerCase()) === "forwarded");
}

/** Browsers say `none` for an address that was typed, and `same-origin` for what the status page itself loads. */
function isFromAnotherSite({ origin, "sec-fetch-site": site = "none" }: IncomingHttpHeaders): boolean {
  return origin !== undefined || (site !== "none" && site !== "same-origin");
}
