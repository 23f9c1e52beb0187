/**
 * `npm run demo`: the sidecar with made-up credentials. Tells each upstream call and each read, what expiration it
 * reported to whom, and at the end what it saved.
 */

import { shadowingBotoFile } from "../src/commands/boto-file.ts";
import { exitCodes } from "../src/commands/exit-codes.ts";
import { loadSettings } from "../src/commands/settings.ts";
import { reportStartError } from "../src/commands/start-error.ts";
import { processEdge, stopSignals } from "../src/edge.ts";
import { formatAddress } from "../src/settings/values.ts";
import { startSidecar } from "../src/sidecar.ts";
import { createIdentities } from "../src/upstream/create.ts";
import { readSharedFiles } from "../src/upstream/shared-files.ts";
import { intro } from "./demo/intro.ts";
import { Lines } from "./demo/lines.ts";
import { Story } from "./demo/story.ts";

const edge = processEdge();
const { now } = edge.clock;
const lines = new Lines({ write: edge.print, isTerminal: edge.outStyle.isTerminal, now });
const story = new Story(lines, now);

async function main(): Promise<number> {
  const loaded = loadSettings("serve", ["--upstream=demo", ...process.argv.slice(2)], edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  try {
    const stopped = new Promise<void>((resolve) => {
      edge.onSignal((name) => stopSignals.some((stop) => stop === name) && resolve());
    });
    const shared = await readSharedFiles(edge.env).catch(() => ({ profiles: new Map() }));
    const boto = await shadowingBotoFile(edge.env);
    const sidecar = await startSidecar({
      ...loaded,
      edge,
      identities: (events) => createIdentities(loaded.settings, edge, events),
      observers: [story],
      onTokenFileUnreadable: (message) => lines.say("token", message),
    });
    const [url = "", admin] = [sidecar.addresses[0], sidecar.adminAddresses[0]].map(
      (address) => address && `http://${formatAddress({ ...address, host: address.host ?? "127.0.0.1" })}`,
    );
    edge.print(intro({ url, admin, env: edge.env, shared, boto }));
    await stopped;
    lines.end();
    await sidecar.close();
    edge.print(`\n${story.summary()}`);
    return exitCodes.ok;
  } catch (error) {
    return reportStartError(error, loaded.settings, edge);
  }
}

const code = await main();
await edge.flush();
process.exit(code);
