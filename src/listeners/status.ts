/** What the sidecar knows of itself, for people and for `doctor`. Pure; never a secret. */
import type { KeeperState } from "../keeper/keeper.ts";
import { formatTime, honestExpiration } from "../lifetime/reported.ts";
import { version } from "../version.ts";

export interface IdentityStatus {
  readonly identity: string;
  readonly upstream: string;
  readonly state: "loading" | "held" | "expired";
  readonly roleArn?: string | undefined;
  readonly accountId?: string | undefined;
  /** The last four characters: enough to find the key in CloudTrail, no use to anyone else. */
  readonly accessKeyIdEnding?: string;
  readonly obtained?: string;
  readonly expiration?: string;
  readonly honestExpiration?: string;
  readonly honestSecondsLeft?: number;
  readonly nextTry?: string | undefined;
  readonly failure?: { readonly class: string; readonly message: string };
}

export interface Status {
  readonly version: string;
  readonly ready: boolean;
  readonly identities: readonly IdentityStatus[];
  readonly storming: readonly string[];
}

export interface StatusInput {
  readonly now: number;
  /** In ms. */
  readonly margin: number;
  readonly identities: ReadonlyMap<string, { readonly upstream: string; readonly state: KeeperState }>;
  readonly storming: readonly string[];
}

export function statusOf({ now, margin, identities, storming }: StatusInput): Status {
  const described = [...identities].map(([identity, { upstream, state }]) =>
    describe(identity, upstream, state, now, margin),
  );
  return { version, ready: described.every(({ state }) => state === "held"), identities: described, storming };
}

function describe(identity: string, upstream: string, state: KeeperState, now: number, margin: number): IdentityStatus {
  const { held, failure, nextTryAt } = state;
  const common = {
    identity,
    upstream,
    nextTry: nextTryAt === undefined ? undefined : formatTime(nextTryAt),
    ...(failure === undefined ? {} : { failure: { class: failure.kind, message: failure.message } }),
  };
  if (held === undefined) return { ...common, state: "loading" };
  const { roleArn, accountId, accessKeyId, lifetime } = held.credentials;
  const honest = honestExpiration(held.credentials, now, margin);
  return {
    ...common,
    state: honest > now ? "held" : "expired",
    roleArn,
    accountId,
    accessKeyIdEnding: accessKeyId.slice(-4),
    obtained: formatTime(held.obtainedAt),
    expiration: lifetime.kind === "until" ? formatTime(lifetime.expiration) : "none (static keys)",
    honestExpiration: formatTime(honest),
    honestSecondsLeft: Math.floor((honest - now) / 1_000),
  };
}

/** One line per identity: why it is ready or not. */
export function statusText({ ready, identities, storming }: Status): string {
  const lines = identities.map(({ identity, state, failure, honestSecondsLeft, nextTry }) => {
    const life = honestSecondsLeft === undefined ? "" : `, ${honestSecondsLeft} s left`;
    const trouble = failure === undefined ? "" : `; ${failure.message}`;
    return `${state === "held" ? "ok" : "not ready"}: ${identity} ${state}${life}${trouble}; next try ${nextTry ?? "now"}`;
  });
  const storms = storming.map((label) => `storm: ${label} reads again and again`);
  return `${[ready ? "ready" : "not ready", ...lines, ...storms].join("\n")}\n`;
}
