/** What `exec` sets where its user does not: nothing that another process of the machine could reach or would see. Pure. */
import { isLoopback } from "../../settings/addresses.ts";
import type { SettingName, Settings } from "../../settings/table.ts";
import { formatAddress, type ListenAddress } from "../../settings/values.ts";
import type { Loaded } from "../settings.ts";

/** `token` is a random one, which opens every identity beside those that were set. */
export function withExecDefaults(loaded: Loaded, token: string): Loaded {
  const { settings, sources } = loaded;
  const isDefault = (name: SettingName) => sources[name].kind === "default";
  const defaults: Partial<Settings> = {
    ...(isDefault("listen") && { listen: [{ host: "127.0.0.1", port: 0 }] }),
    ...(isDefault("admin-listen") && { "admin-listen": "off" }),
    ...(isDefault("log-level") && { "log-level": "warn" }),
    ...(isDefault("log-format") && { "log-format": "text" }),
    ...(settings["auth-token"] === undefined && { "auth-token": token }),
  };
  return { ...loaded, settings: { ...settings, ...defaults } };
}

/** Where a program on this machine reaches the sidecar, as `HOST:PORT`. */
export function reachableAt(addresses: readonly ListenAddress[]): string {
  const isOpen = ({ host }: ListenAddress) => host === undefined || host === "0.0.0.0" || host === "::";
  const own = addresses.find(({ host }) => host !== undefined && isLoopback(host)) ?? addresses[0];
  if (own === undefined) return "127.0.0.1:9911";
  return formatAddress(isOpen(own) ? { host: "127.0.0.1", port: own.port } : own);
}
