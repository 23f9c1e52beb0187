/** `npm run demo`: the sidecar with made-up credentials. Prints each upstream call, and each read with what it reported. */

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
    say(
      now,
      `upstream issued 15-minute credentials in ${tookMs} ms; next refresh in ${next}, however many clients read`,
    );
  },
  onRead({ client, protocol, now, reportedExpiration }: ReadEvent) {
    if (reportedExpiration === undefined)
      return say(now, `${client.name} (${protocol}) read before credentials were loaded`);
    say(now, `${client.name} (${protocol}) read; reported lifetime: ${wholeSeconds(reportedExpiration - now)}`);
  },
  onRefused: (reason) => say(edge.clock.now(), `refused a request (${reason})`),
  onStorm: ({ client, remedy }: Storm) => say(edge.clock.now(), `${client} reads again and again; remedy: ${remedy}`),
};

function intro({ addresses, adminAddresses }: Sidecar): string {
  const url = `http://${addresses.map(formatAddress)[0]}`;
  const admin = adminAddresses.map(({ port }) => `http://127.0.0.1:${port}`)[0];
  return `The sidecar serves made-up credentials, which AWS does not know. In another terminal:

  export AWS_CONTAINER_CREDENTIALS_FULL_URI=${url}/v1/credentials
  curl "$AWS_CONTAINER_CREDENTIALS_FULL_URI"       # like an SDK that does not identify itself
  curl ${url}/v1/for/botocore-1/credentials   # like boto3, named in the path, so that it gets a padded report
  aws configure export-credentials                 # or any program that uses an AWS SDK
${admin === undefined ? "" : `  curl ${admin}/status                 # the status as JSON; without /status, a page\n`}
Ctrl-C stops it. Events:

`;
}

async function main(): Promise<number> {
  const loaded = loadSettings("serve", ["--upstream=demo", ...process.argv.slice(2)], edge);
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
