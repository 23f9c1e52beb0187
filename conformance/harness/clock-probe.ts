/** Whether libfaketime reaches a client's runtime: Go, for one, makes its system calls itself. */
import { findClient, type Protocol } from "../../src/policy/clients.ts";
import { runClient } from "./client-run.ts";
import type { Client } from "./clients.ts";
import { oneHour } from "./fake-upstream.ts";
import type { Fixture } from "./fixture.ts";
import { pointedAt } from "./pointed-at.ts";

/** A credential for either clock. */
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** The simulated time is years away, so that any offset of this size is another clock. */
const SAME_CLOCK_MS = 24 * 3_600_000;

const known = new Map<string, Promise<boolean>>();

/** Signs one request under the faked clock, and looks at the time in it. Asked once for each client. */
export function seesFakedClock(client: Client, protocol: Protocol, fixture: Fixture): Promise<boolean> {
  const answer = known.get(client.name) ?? probe(client, protocol, fixture);
  known.set(client.name, answer);
  return answer;
}

async function probe(client: Client, protocol: Protocol, fixture: Fixture): Promise<boolean> {
  const { accessKeyIdField } = findClient(client.row) ?? {};
  const settings = {
    ...oneHour,
    sessionMs: TEN_YEARS_MS,
    keepUntilMs: 0,
    ...(accessKeyIdField && { accessKeyIdField }),
  };
  const upstream = await fixture.do("open-upstream", settings);
  const aws = await fixture.do("open-aws", {});
  const load = { requests: 1, limitMs: 60_000 };
  const end = await runClient(
    client,
    aws.url,
    pointedAt({ protocol, url: upstream.url, setup: client.setup }),
    load,
    fixture.clock,
  );
  // Its runs will say so, under the names by which the results know them.
  if (end.kind === "broken") return true;
  const { clockOffsetMs } = await fixture.do("report-aws", { id: aws.id });
  return clockOffsetMs !== undefined && Math.abs(clockOffsetMs) < SAME_CLOCK_MS;
}
