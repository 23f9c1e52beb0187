/** What the running sidecar says of its readiness, as far as it may be asked. */
import type { Clock } from "../edge.ts";
import { printable } from "../printable.ts";
import type { Settings } from "../settings/table.ts";
import { formatAddress, type ListenAddress } from "../settings/values.ts";
import { askAdmin, whyNoAnswer } from "./ask-admin.ts";

/** A probe that takes longer counts as failed. */
const TIMEOUT_MS = 2_000;

export type Readiness =
  | { readonly kind: "ready" }
  /** `why` has a sentence for each identity that is not, unless the sidecar hides its status. */
  | { readonly kind: "not-ready"; readonly why: string }
  /** Nothing answers, or not as a sidecar does. */
  | { readonly kind: "not-reachable"; readonly why: string };

/** Asks the sidecar whose admin listener is at this URL. */
export async function askReadiness(admin: string, clock: Pick<Clock, "setTimer">): Promise<Readiness> {
  const ask = async (path: string) => await askAdmin({ url: admin + path, limitMs: TIMEOUT_MS }, clock);
  try {
    const verbose = await ask("/readyz?verbose");
    if (verbose.status === 200) return { kind: "ready" };
    if (verbose.status === 503) return { kind: "not-ready", why: reasons(verbose.text) };
    const plain = await ask("/readyz");
    if (plain.status === 200) return { kind: "ready" };
    if (plain.status === 503) return { kind: "not-ready", why: "SIDECAR_STATUS hides why; the sidecar's log says it" };
    return { kind: "not-reachable", why: `${admin} is no sidecar: it answers ${plain.status}` };
  } catch (error) {
    return { kind: "not-reachable", why: whyNoAnswer(admin, error) };
  }
}

/** The lines about identities that are not ready. */
function reasons(text: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith("not ready: "));
  return lines.map((line) => printable(line.slice("not ready: ".length))).join("; ") || "no identity has credentials";
}

/** The address of the admin listener as seen from inside the pod; undefined when it is off. */
export function adminUrl({ "admin-listen": listen }: Settings): string | undefined {
  const [first] = listen === "off" ? [] : listen;
  if (first === undefined) return undefined;
  const open: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  const address: ListenAddress = { host: open[first.host ?? "0.0.0.0"] ?? first.host, port: first.port };
  return `http://${formatAddress(address)}`;
}
