import type { Scenario } from "../harness/scenario.ts";
import { coldStart } from "./cold-start.ts";
import { disturbed } from "./disturbances.ts";
import { fifteenMinuteSessions } from "./fifteen-minutes.ts";
import { longLife } from "./long-life.ts";
import { oneHourSessions } from "./one-hour.ts";
import { upstreamOutage } from "./outage.ts";
import { regionOutage } from "./region-outage.ts";
import { authorizationToken } from "./token.ts";
import { otherUpstreams } from "./upstreams.ts";

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  oneHourSessions,
  fifteenMinuteSessions,
  longLife,
  upstreamOutage,
  coldStart,
  disturbed,
  authorizationToken,
  otherUpstreams,
  regionOutage,
];
