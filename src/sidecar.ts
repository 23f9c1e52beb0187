/** Wires the parts together; everything from the world comes in through the Edge. */
import type { Edge } from "./edge.ts";
import { Keeper, type KeeperState } from "./keeper/keeper.ts";
import { adminListener } from "./listeners/admin-listener.ts";
import { Tokens } from "./listeners/authorization.ts";
import { credentialListener } from "./listeners/credential-listener.ts";
import { AllowedHosts } from "./listeners/guards.ts";
import { Reads } from "./listeners/reads.ts";
import { Listener } from "./listeners/server.ts";
import { SessionTokens } from "./listeners/session-token.ts";
import { type Status, statusOf } from "./listeners/status.ts";
import { effectiveImds } from "./settings/crosscheck.ts";
import type { Resolved } from "./settings/resolve.ts";
import type { ListenAddress } from "./settings/values.ts";
import { AuditTrail } from "./telemetry/audit.ts";
import { fanOut, type Observer } from "./telemetry/events.ts";
import { History } from "./telemetry/history.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { StormWatch } from "./telemetry/storms.ts";
import { DEFAULT_IDENTITY, type IdentitySource, type UpstreamEvents } from "./upstream/create.ts";

export interface SidecarOptions extends Resolved {
  readonly edge: Edge;
  /** Where the credentials of each identity come from. */
  readonly identities: (events: UpstreamEvents) => readonly IdentitySource[];
  /** See every event besides the metrics: the log, and the demo's live lines. */
  readonly observers: readonly Partial<Observer>[];
  readonly onTokenFileUnreadable: (message: string) => void;
}

export interface Sidecar {
  /** Where credentials are served, with the ports that the system chose. */
  readonly addresses: readonly ListenAddress[];
  /** Empty when the admin listener is off. */
  readonly adminAddresses: readonly ListenAddress[];
  readonly status: () => Status;
  /** Stops listening, lets answers in flight finish, ends renewal. Idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * Starts to fetch and to serve. Resolves when it listens, which may be before anything is loaded: readiness says that.
 * Rejects with a `ListenError` or a `TokenFileError`, and then nothing is left open.
 */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const tokens = openTokens(options);
  const parts = assemble(options, tokens);
  const { keepers, credentials, admin, status, audit } = parts;
  const close = closer(options, { tokens, keepers, audit, listeners: [credentials, admin] });
  try {
    const [addresses, adminAddresses] = await Promise.all([credentials.open(), admin.open()]);
    for (const keeper of keepers) keeper.start();
    return { addresses, adminAddresses, status, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Identity {
  readonly upstream: string;
  readonly keeper: Keeper;
}

function assemble(options: SidecarOptions, tokens: Tokens) {
  const { settings, edge } = options;
  const { now } = edge.clock;
  const observers: Partial<Observer>[] = [...options.observers];
  const observer = fanOut(observers);
  const padding = settings.padding === "auto";
  const storms = new StormWatch({ padding, onStorm: (storm) => observer.onStorm(storm) });
  const history = new History(now);
  const identities = createKeepers(options, observer);
  const keepers = [...identities.values()].map(({ keeper }) => keeper);
  const metrics = createMetrics({
    now,
    margin: settings["expiration-margin"],
    identities: () => statesOf(identities),
    storming: (at) => storms.storming(at),
    nodeVersion: edge.nodeVersion,
    residentMemory: edge.residentMemory,
  });
  const audit = settings.audit === "on" ? new AuditTrail({ write: edge.print }, edge.clock) : undefined;
  observers.push(metrics, storms, history);
  const onMalformed = () => observer.onRefused("malformed");
  const credentials = new Listener(
    settings.listen,
    credentialHandler(options, identities, tokens, { observer, audit }),
    onMalformed,
  );
  const status = () => statusNow(settings, now(), identities, { storms, history });
  const adminAddresses = settings["admin-listen"] === "off" ? [] : settings["admin-listen"];
  const admin = new Listener(adminAddresses, adminListener({ status, metrics, readableBy: settings.status }), () => {});
  return { keepers, credentials, admin, status, audit };
}

function createKeepers({ settings, edge, identities }: SidecarOptions, observer: Observer) {
  const floor = settings["minimum-lifetime"];
  const margin = settings["expiration-margin"];
  const sources = identities(observer);
  return new Map<string, Identity>(
    sources.map(({ name, upstream }) => {
      const events = {
        onAttempt: observer.onAttempt,
        onCoalesced: observer.onCoalesced,
      };
      return [
        name,
        {
          upstream: upstream.description,
          keeper: new Keeper({ identity: name, upstream, floor, margin, edge, events }),
        },
      ];
    }),
  );
}

function credentialHandler(
  { settings, sources, edge }: SidecarOptions,
  identities: ReadonlyMap<string, Identity>,
  tokens: Tokens,
  { observer, audit }: { readonly observer: Observer; readonly audit: AuditTrail | undefined },
) {
  const { now } = edge.clock;
  const { client, padding, listen } = settings;
  const policy = { margin: settings["expiration-margin"], padding: padding === "auto" };
  return credentialListener({
    keepers: byServedName(identities, settings.profiles?.[0]),
    reads: new Reads({ policy, client, now, observer, audit }),
    hosts: new AllowedHosts(listen),
    tokens,
    sessions: new SessionTokens(edge),
    imds: effectiveImds(settings, sources),
    imdsFacts: { region: edge.env.AWS_REGION || edge.env.AWS_DEFAULT_REGION || undefined },
    observer,
  });
}

/** The first profile is the default identity, and is served under its own name too. */
function byServedName(identities: ReadonlyMap<string, Identity>, firstProfile: string | undefined) {
  const keepers = new Map([...identities].map(([name, { keeper }]) => [name, keeper]));
  const first = keepers.get(DEFAULT_IDENTITY);
  if (firstProfile !== undefined && first !== undefined) keepers.set(firstProfile, first);
  return keepers;
}

function openTokens({ settings, edge, onTokenFileUnreadable }: SidecarOptions): Tokens {
  const given = { token: settings["auth-token"], path: settings["auth-token-file"] };
  return new Tokens(given, edge.clock, ({ message }) => onTokenFileUnreadable(message));
}

function statesOf(identities: ReadonlyMap<string, Identity>): ReadonlyMap<string, KeeperState> {
  return new Map([...identities].map(([name, { keeper }]) => [name, keeper.state]));
}

function statusNow(
  settings: Resolved["settings"],
  now: number,
  identities: ReadonlyMap<string, Identity>,
  { storms, history }: { readonly storms: StormWatch; readonly history: History },
): Status {
  const described = [...identities].map(([name, { upstream, keeper }]) => {
    return [
      name,
      { upstream, state: keeper.state, calls: history.calls.of(name), facts: history.facts.of(name) },
    ] as const;
  });
  return statusOf({
    now,
    floor: settings["minimum-lifetime"],
    margin: settings["expiration-margin"],
    padding: settings.padding === "auto",
    identities: new Map(described),
    clients: history.clients.list(now),
    refusals: history.refusals.list(now),
    storming: storms.storming(now),
  });
}

interface Open {
  readonly tokens: Tokens;
  readonly keepers: readonly Keeper[];
  readonly listeners: readonly Listener[];
  readonly audit: AuditTrail | undefined;
}

function closer({ edge }: SidecarOptions, { tokens, keepers, listeners, audit }: Open): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close(edge.clock.setTimer)));
    for (const keeper of keepers) keeper.stop();
    tokens.stop();
    audit?.stop();
  };
  return () => {
    closing ??= close();
    return closing;
  };
}
