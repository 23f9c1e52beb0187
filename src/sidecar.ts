/** Connects the rooms. Time, randomness, environment and network come in through the `Edge` alone. */

import type { CredentialCache } from "./cache/credential-cache.ts";
import type { Edge } from "./edge.ts";
import { adminListener } from "./http/admin-listener.ts";
import { Tokens } from "./http/authorization.ts";
import { answerFromMemory, credentialListener } from "./http/credential-listener.ts";
import { AllowedHosts } from "./http/guards.ts";
import { Reads } from "./http/reads.ts";
import { refreshEndpoint } from "./http/refresh.ts";
import { Rooms } from "./http/room.ts";
import { Listener } from "./http/server.ts";
import { SessionTokens } from "./http/session-token.ts";
import { byServedName, createCaches, type Identities, statesOf } from "./identities.ts";
import { isLoopback } from "./settings/addresses.ts";
import { effectiveImds } from "./settings/exposure.ts";
import type { Resolved } from "./settings/resolve.ts";
import type { ListenAddress } from "./settings/values.ts";
import { stateFileOf } from "./state/open.ts";
import type { StateFile } from "./state/state-file.ts";
import { currentStatus } from "./status/current.ts";
import type { Status } from "./status/status.ts";
import { AuditTrail } from "./telemetry/audit.ts";
import { fanOut, type Observer } from "./telemetry/events.ts";
import { History } from "./telemetry/history.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { StormWatch } from "./telemetry/storms.ts";
import type { IdentitySource, UpstreamEvents } from "./upstream/create.ts";

export interface SidecarOptions extends Resolved {
  readonly edge: Edge;
  /** Where the credentials of each identity come from. */
  readonly identities: (events: UpstreamEvents) => readonly IdentitySource[];
  /** Receive every event, as the metrics do: the log, and the live lines of the demo. */
  readonly observers: readonly Partial<Observer>[];
  readonly onTokenFileUnreadable: (message: string) => void;
}

export interface Sidecar {
  /** Where credentials are served, with the ports that the system chose. */
  readonly addresses: readonly ListenAddress[];
  /** Empty when the admin listener is off. */
  readonly adminAddresses: readonly ListenAddress[];
  readonly status: () => Status;
  /** Asks the upstream of every identity now, and reads the token files again. */
  readonly refreshNow: () => void;
  /** Stops listening, lets answers in flight finish, ends refreshing. Idempotent. */
  readonly close: () => Promise<void>;
}

/**
 * Starts to fetch and to serve. Resolves when the sidecar listens, which may be before any credentials are loaded:
 * `/readyz` says when they are. Rejects with a `ListenError` or a `TokenFileError`, and then nothing is left open.
 */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const tokens = await openTokens(options);
  const { caches, credentials, admin, current, state, audit, observer } = assemble(options, tokens);
  const unwatch = options.edge.onUnhandledRejection((fault) => observer.onUnhandledRejection(fault));
  const refreshNow = () => {
    void tokens.lookAgain();
    for (const cache of caches) cache.refreshNow("signal");
  };
  const close = closer(options, { tokens, caches, state, audit, listeners: [credentials, admin], unwatch });
  try {
    const [addresses, adminAddresses] = await Promise.all([credentials.open(), admin.open(), state?.restore()]);
    current.listens(addresses);
    for (const cache of caches) cache.start();
    return { addresses, adminAddresses, status: current.now, refreshNow, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function assemble(options: SidecarOptions, tokens: Tokens) {
  const { settings, edge } = options;
  const observers: Partial<Observer>[] = [...options.observers];
  const observer = fanOut(observers);
  const identities = createCaches(options.identities(observer), options, observer);
  const telemetry = createTelemetry(options, observer, identities);
  const state = stateFileOf(options, identities, observer);
  observers.push(telemetry.metrics, telemetry.storms, telemetry.history, ...(state === undefined ? [] : [state]));
  const current = currentStatus({ ...options, ...telemetry, identities });
  const audit = settings.audit === "on" ? new AuditTrail({ write: edge.print }, edge.clock) : undefined;
  const rooms = new Rooms();
  const credentials = new Listener({
    addresses: settings.listen,
    ...credentialHandlers(options, identities, tokens, { observer, audit }),
    now: edge.clock.now,
    rooms,
    onMalformed: (fault) => observer.onRefused("malformed", { fault }),
    onDropped: (reason) => observer.onDropped("credentials", reason),
  });
  const admin = new Listener({
    addresses: settings["admin-listen"] === "off" ? [] : settings["admin-listen"],
    handler: adminListener({
      status: current.now,
      metrics: telemetry.metrics,
      readableBy: settings.status,
      now: edge.clock.now,
      refresh: refreshHandler(options, identities, tokens, observer),
    }),
    now: edge.clock.now,
    rooms,
    onMalformed: () => {},
    onDropped: (reason) => observer.onDropped("admin", reason),
  });
  const caches = [...identities.values()].map(({ cache }) => cache);
  return { caches, credentials, admin, current, state, audit, observer };
}

function createTelemetry({ settings, edge }: SidecarOptions, observer: Observer, identities: Identities) {
  const { now } = edge.clock;
  const storms = new StormWatch({
    padding: settings.padding === "auto",
    onStorm: (storm) => observer.onStorm(storm),
    onInsideWindow: (read) => observer.onInsideWindow(read),
  });
  const metrics = createMetrics({
    now,
    marginMs: settings["expiration-margin"],
    identities: () => statesOf(identities),
    storming: (at) => storms.storming(at),
    nodeVersion: edge.nodeVersion,
    residentMemory: edge.residentMemory,
    lostLines: edge.lostLines,
  });
  return { storms, metrics, history: new History(now) };
}

function credentialHandlers(
  { settings, sources, aws, edge }: SidecarOptions,
  identities: Identities,
  tokens: Tokens,
  { observer, audit }: { readonly observer: Observer; readonly audit: AuditTrail | undefined },
) {
  const { now } = edge.clock;
  const { client, padding, listen, peers } = settings;
  const policy = { marginMs: settings["expiration-margin"], padding: padding === "auto" };
  const handling = {
    caches: byServedName(identities, settings.profiles?.[0]),
    reads: new Reads({ policy, client, now, observer, audit }),
    hosts: new AllowedHosts(listen),
    everyPeer: peers === "node" || listen.every(({ host }) => host !== undefined && isLoopback(host)),
    tokens,
    sessions: new SessionTokens(edge),
    imds: effectiveImds(settings, sources),
    imdsFacts: { region: aws.region?.value },
    observer,
  };
  return { handler: credentialListener(handling), answerAgain: answerFromMemory(handling) };
}

function refreshHandler(
  { settings, edge }: SidecarOptions,
  identities: Identities,
  tokens: Tokens,
  observer: Observer,
) {
  const { profiles, "admin-listen": listen } = settings;
  const caches = byServedName(identities, profiles?.[0]);
  return refreshEndpoint({ caches, tokens, clock: edge.clock, addresses: listen === "off" ? [] : listen, observer });
}

async function openTokens({ settings, edge, onTokenFileUnreadable }: SidecarOptions): Promise<Tokens> {
  const given = { token: settings["auth-token"], path: settings["auth-token-file"] };
  return await Tokens.open(given, edge.clock, ({ message }) => onTokenFileUnreadable(message));
}

interface Open {
  readonly tokens: Tokens;
  readonly caches: readonly CredentialCache[];
  readonly listeners: readonly Listener[];
  readonly state: StateFile | undefined;
  readonly audit: AuditTrail | undefined;
  readonly unwatch: () => void;
}

function closer({ edge }: SidecarOptions, open: Open): () => Promise<void> {
  const { tokens, caches, listeners, state, audit, unwatch } = open;
  let closing: Promise<void> | undefined;
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close(edge.clock.setTimer)));
    for (const cache of caches) cache.stop();
    tokens.stop();
    audit?.stop();
    await state?.close();
    unwatch();
  };
  return () => {
    closing ??= close();
    return closing;
  };
}
