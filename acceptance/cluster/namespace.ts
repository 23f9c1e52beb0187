/**
 * Namespaces of the cluster's own, of network and mounts, held open by one process. Everything of the cluster runs in
 * them, so that its bridge, routes, packet filter and volumes are not this machine's. It is entered by nsenter: `ip netns exec` mounts /sys anew,
 * and the kubelet would not find its cgroups there.
 */

import { run, type Started, start } from "../../conformance/processes.ts";
import { root } from "../kubernetes/support/manifests.ts";

export interface NetworkNamespace {
  /** The command that runs another one inside. */
  readonly enter: readonly [command: string, ...args: readonly string[]];
  readonly stop: () => Promise<void>;
}

export async function openNetworkNamespace(): Promise<NetworkNamespace> {
  const holder = await start({
    command: "unshare",
    args: [
      "--net",
      "--mount",
      "sh",
      "-c",
      "ip link set lo up && sysctl -qw net.ipv4.ip_forward=1 && echo open && exec sleep infinity",
    ],
    ready: /open/,
  });
  return {
    enter: ["nsenter", `--net=/proc/${holder.pid}/ns/net`, `--mount=/proc/${holder.pid}/ns/mnt`, `--wdns=${root}`],
    stop: holder.stop,
  };
}

export interface StartInside {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ready: RegExp;
}

/** Starts a program inside; nsenter becomes the program, so that its process id is the program's. */
export async function startInside({ enter }: NetworkNamespace, options: StartInside): Promise<Started> {
  const [nsenter, ...flags] = enter;
  return await start({ ...options, command: nsenter, args: [...flags, options.command, ...options.args] });
}

/** Runs a program inside to its end, and gives its standard output. Throws with its standard error when it fails. */
export async function runInside(
  { enter }: NetworkNamespace,
  command: string,
  ...args: readonly string[]
): Promise<string> {
  const [nsenter, ...flags] = enter;
  const { code, stdout, stderr } = await run(nsenter, [...flags, command, ...args], {});
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${code}\n${stderr}`);
  return stdout;
}
