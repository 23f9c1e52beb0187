/** Which addresses other pods can reach, and what an auth token changes about that. Pure. */
import { isLinkLocal, isLocalOnly } from "./addresses.ts";
import { type Caution, named } from "./problems.ts";
import type { Resolved, Sources } from "./resolve.ts";
import type { Settings } from "./table.ts";
import { formatAddress } from "./values.ts";

function hasToken(settings: Settings): boolean {
  return settings["auth-token"] !== undefined || settings["auth-token-file"] !== undefined;
}

/** Each address that other pods can reach is a conflict, unless an auth token is set. */
export function exposedWithoutToken(settings: Settings): readonly string[] {
  if (hasToken(settings)) return [];
  const exposed = settings.listen.filter((address) => !isLocalOnly(address));
  return exposed.map(
    (address) =>
      `${named("listen")}: ${formatAddress(address)} can be reached from outside this pod; ` +
      `allowed: a loopback or link-local address, or set ${named("auth-token-file")} or ${named("auth-token")}`,
  );
}

/** IMDS that was asked for, with an auth token and on an address that other pods can reach, is a conflict. */
export function imdsWithToken(settings: Settings, sources: Sources): readonly string[] {
  if (!hasToken(settings) || settings.imds === "off" || sources.imds.kind === "default") return [];
  const exposed = settings.peers === "node" || settings.listen.some((address) => !isLocalOnly(address));
  if (!exposed) return [];
  return [
    `${named("imds")}: IMDS asks for no auth token, so it is refused on an address that can be reached from outside this pod`,
  ];
}

/** Serving the pods of a node needs a token, and an address that they reach; IMDS has no token. */
export function nodePeers(settings: Settings): readonly string[] {
  if (settings.peers !== "node") return [];
  const problems: string[] = [];
  const hasAddress = settings.listen.some(({ host }) => host !== undefined && isLinkLocal(host));
  if (!hasAddress) {
    problems.push(`${named("peers")}: node has no effect without a link-local address in ${named("listen")}`);
  }
  if (!hasToken(settings)) {
    problems.push(
      `${named("peers")}: node lets every pod of the node connect, so it needs ${named("auth-token-file")} or ${named("auth-token")}`,
    );
  }
  return problems;
}

/** A token in a flag can be seen by every process of the pod. */
export function tokenInArguments(sources: Sources): readonly Caution[] {
  if (sources["auth-token"].kind !== "flag") return [];
  return [
    {
      code: "TokenInArguments",
      message: "--auth-token can be read in the process list; use SIDECAR_AUTH_TOKEN or a file",
    },
  ];
}

/** The settings as they are in force, for logs and people. */
export function inForce({ settings, sources }: Pick<Resolved, "settings" | "sources">): Settings {
  return { ...settings, imds: effectiveImds(settings, sources) };
}

/** The IMDS protocol in force: with an auth token and no explicit value it is off, because IMDS asks for none. */
export function effectiveImds(settings: Settings, sources: Sources): Settings["imds"] {
  return hasToken(settings) && sources.imds.kind === "default" ? "off" : settings.imds;
}
