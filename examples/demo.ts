/** `npm run demo`: the sidecar on its embedded upstream, telling live what each reader was told. */

import type { AttemptEvent } from "../src/cache/events.ts";
import { exitCodes } from "../src/commands/exit-codes.ts";
import { loadSettings } from "../src/commands/settings.ts";
import { processEdge } from "../src/edge.ts";
import { ListenError } from "../src/http/server.ts";
import { formatAddress } from "../src/settings/values.ts";
import { type Sidecar, startSidecar } from "../src/sidecar.ts";
import type { Observer, ReadEvent, Storm } from "../src/telemetry/events.ts";
import { formatDuration } from "../src/time.ts";
import { createIdentities } from "../src/upstream/create.ts";

const edge = processEdge();
const clockTime = (ms: number) => new Date(ms).toTimeString().slice(0, 8);
const say = (now: number, text: string) => edge.print(`${clockTime(now)}  ${text}\n`);
const wholeSeconds = (ms: number) => formatDuration(Math.floor(ms / 1_000) * 1_000);

const narrator: Partial<Observer> = {
  onAttempt({ outcome, tookMs, nextRefreshAt }: AttemptEvent) {
    const now = edge.clock.now();
    if (outcome.kind !== "refreshed") return say(now, `upstream: ${outcome.kind} after ${tookMs} ms`);
    const next = wholeSeconds(nextRefreshAt - now);
    say(now, `upstream issued 15-minute credentials in ${tookMs} ms; the next call is in ${next}, however many read`);
  },
  onRead({ client, protocol, now, reportedExpiration }: ReadEvent) {
    if (reportedExpiration === undefined)
      return say(now, `${client.label} (${protocol}) asked before there was anything`);
    say(now, `${client.label} (${protocol}) was told: ${wholeSeconds(reportedExpiration - now)} left`);
  },
  onRefused: (reason) => say(edge.clock.now(), `refused a request (${reason})`),
  onStorm: ({ label, remedy }: Storm) => say(edge.clock.now(), `${label} storms; cure: ${remedy}`),
};

function intro({ addresses, adminAddresses }: Sidecar): string {
  const url = `http://${addresses.map(formatAddress)[0]}`;
  const admin = adminAddresses.map(({ port }) => `http://127.0.0.1:${port}`)[0];
  return `The sidecar runs on made-up credentials that AWS does not know. In another terminal:

  export AWS_CONTAINER_CREDENTIALS_FULL_URI=${url}/v1/credentials
  curl "$AWS_CONTAINER_CREDENTIALS_FULL_URI"       # as any SDK that does not say who it is
  curl ${url}/v1/for/botocore-1/credentials   # as boto3, named in the path: padded, so that it does not storm
  aws configure export-credentials                 # or any program with an AWS SDK
${admin === undefined ? "" : `  curl ${admin}/status                 # what the sidecar knows of itself\n`}
Ctrl-C ends it. What happens, live:

`;
}

async function main(): Promise<number> {
  const loaded = loadSettings(["--upstream=demo", ...process.argv.slice(2)], edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  try {
    const sidecar = await startSidecar({
      ...loaded,
      edge,
      identities: (events) => createIdentities(loaded.settings, edge, events),
      observers: [narrator],
      onTokenFileUnreadable: (message) => say(edge.clock.now(), message),
    });
    edge.print(intro(sidecar));
    await new Promise((resolve) => edge.onSignal(resolve));
    await sidecar.close();
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    edge.printError(
      `${error.message}; npm run demo -- --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 takes free ones\n`,
    );
    return exitCodes.badSettings;
  }
}

process.exit(await main());
