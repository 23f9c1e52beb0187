/** Keeps clients from asking a proxy for the sidecar's credentials. Pure. */
import type { Env } from "../edge.ts";

/** Clients differ in which of these they read. `HTTPS_PROXY` is not for the sidecar, which speaks HTTP. */
export const PROXIES: readonly string[] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * The variables to set so that no proxy is asked for `host`; none when there is no proxy. Where both spellings of
 * `NO_PROXY` are set, clients do not agree on which of them counts.
 */
export function withNoProxy(env: Env, host: string): Env {
  if (!PROXIES.some((name) => env[name])) return {};
  const given = ["NO_PROXY", "no_proxy"].filter((name) => env[name]);
  const lacking =
    given.length === 0 ? ["NO_PROXY", "no_proxy"] : given.filter((name) => !listsHost(env[name] ?? "", host));
  return Object.fromEntries(lacking.map((name) => [name, [...(env[name] ? [env[name]] : []), host].join(",")]));
}

/** Only the exact address counts: few clients understand a range such as 127.0.0.0/8. */
export function listsHost(noProxy: string, host: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => entry === "*" || entry.replace(/:\d+$/, "") === host);
}
