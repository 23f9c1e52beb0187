/** Requests that were refused lately and connections that were ended, as problems. Pure. */
import type { DropReason } from "../drops.ts";
import { type RefusalReason, refusalRow } from "../refusals.ts";
import type { ReasonCount } from "../telemetry/reason-counts.ts";
import type { Problem } from "./summary.ts";

type Counted<Reason extends string> = Pick<ReasonCount<Reason>, "reason" | "lately">;

/** `credentialsAt`: the sidecar's own addresses, as `HOST:PORT`. */
export function refusalProblems(
  refusals: readonly Counted<RefusalReason>[],
  credentialsAt: readonly string[],
): readonly Problem[] {
  const [address] = credentialsAt;
  return recent(refusals).map(({ reason, lately }) => {
    const { why, remedy, line } = refusalRow(reason);
    const sentence = `${count(lately, "request")} refused in the last 5 minutes: ${why}.`;
    return { state: "refusals", sentence, remedy, line: address === undefined ? undefined : line?.(address) };
  });
}

interface DropCause {
  readonly why: string;
  readonly remedy: string;
  readonly command?: string;
}

const dropCauses: Readonly<Record<DropReason, DropCause>> = {
  evicted: {
    why: "new ones needed their place, as more than 512 were open",
    remedy:
      "find what opens so many; if it is outside this pod, let a NetworkPolicy admit only Prometheus to the admin port (deploy/kubernetes/network-policy.yaml)",
    command: "kubectl apply --filename deploy/kubernetes/network-policy.yaml",
  },
  full: {
    why: "512 other requests were waiting for the first credentials",
    remedy: "find what reads so often; clients that retry are served as soon as upstream has given credentials",
  },
  unread: {
    why: "their clients did not read the responses",
    remedy: "find what sends requests to the sidecar and does not read the responses",
  },
  pipelined: {
    why: "their clients sent many requests without reading the responses",
    remedy: "no AWS SDK does this: find what else uses the sidecar's ports",
  },
};

export function dropProblems(drops: readonly Counted<DropReason>[]): readonly Problem[] {
  return recent(drops).map(({ reason, lately }) => {
    const { why, remedy, command } = dropCauses[reason];
    return {
      state: "drops",
      sentence: `${count(lately, "connection")} ended in the last 5 minutes: ${why}.`,
      remedy,
      command,
    };
  });
}

/** Those of the last minutes, the most frequent first. */
function recent<Reason extends string>(counts: readonly Counted<Reason>[]): readonly Counted<Reason>[] {
  return counts.filter(({ lately }) => lately > 0).sort((a, b) => b.lately - a.lately);
}

function count(number: number, what: string): string {
  return number === 1 ? `1 ${what} was` : `${number.toLocaleString("en")} ${what}s were`;
}
