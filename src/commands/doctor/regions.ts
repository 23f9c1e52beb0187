/** Whether each fallback region of STS would answer: one call in each, and where its name leads. */
import type { StsRegion } from "../../credentials.ts";
import type { Edge } from "../../edge.ts";
import { partitionOf } from "../../partitions.ts";
import { isPrivate } from "../../settings/addresses.ts";
import { environmentName, type Settings } from "../../settings/table.ts";
import { createIdentities, type IdentitySource } from "../../upstream/create.ts";
import { proxyFor } from "../../upstream/proxies.ts";
import type { Probe } from "./diagnosis.ts";
import type { Finding } from "./finding.ts";
import { probeOf } from "./probe.ts";

const NAME = environmentName("sts-fallback-regions");

export interface RegionsInput {
  readonly settings: Settings;
  readonly edge: Edge;
  /** Where STS answered each identity; undefined where another upstream did. One that failed has a finding of its own. */
  readonly reached: ReadonlyMap<string, StsRegion | undefined>;
  /** The addresses of a host; none when it has no name. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

/** Asks each fallback for each identity. The line to write names the regions that answered them all. */
export async function regionFindings(input: RegionsInput): Promise<readonly Finding[]> {
  const { settings, edge, reached } = input;
  const regions = settings["sts-fallback-regions"] ?? [];
  const asked = await Promise.all(
    regions.flatMap((region) =>
      createIdentities(settings, edge, { onSessionDuration: () => {} }, region).flatMap((source) => {
        const home = reached.get(source.name)?.home;
        return isAsked(home, region) ? [ask(source, { region, home, settings, edge })] : [];
      }),
    ),
  );
  const answered = regions.filter((region) =>
    asked.every((one) => one.region !== region || one.probe.kind === "reached"),
  );
  const line = answered.length === 0 ? `unset ${NAME}` : `${NAME}=${answered.join(",")}`;
  const privacy = await Promise.all(homesOf(reached).map((home) => privateFindings(home, answered, input)));
  return [...withoutRegions(reached, regions), ...asked.map((one) => found(one, line)), ...privacy.flat()];
}

function isAsked(home: string | undefined, region: string): home is string {
  return home !== undefined && home !== region && partitionOf(home) === partitionOf(region);
}

interface Asked {
  readonly identity: string;
  readonly region: string;
  readonly probe: Probe;
}

interface AskedFor {
  readonly region: string;
  readonly home: string;
  readonly settings: Settings;
  readonly edge: Edge;
}

async function ask(source: IdentitySource, { region, settings, edge }: AskedFor): Promise<Asked> {
  return { identity: source.name, region, probe: await probeOf(source, edge, settings["expiration-margin"]) };
}

function found({ identity, region, probe }: Asked, line: string): Finding {
  const facts = { identity, region, tookMs: probe.tookMs };
  if (probe.kind === "reached") {
    const text = `${identity}: STS in ${region} would answer if the first region did not (${probe.tookMs} ms)`;
    return { severity: "ok", code: "fallback-answers", facts, text };
  }
  const { kind: failure, upstreamCode, message, remedy } = probe.failure;
  return {
    severity: "problem",
    code: "fallback-fails",
    facts: { ...facts, failure, upstreamCode, message },
    text: `${identity}: STS in ${region} would not answer if the first region did not: ${message}`,
    remedy: `${remedy}; or name the regions that answer`,
    line,
  };
}

function withoutRegions(reached: RegionsInput["reached"], regions: readonly string[]): readonly Finding[] {
  if (regions.length === 0) return [];
  const without = [...reached].flatMap(([identity, sts]) =>
    sts !== undefined && regions.some((region) => isAsked(sts.home, region)) ? [] : [identity],
  );
  return without.map((identity) => ({
    severity: "advice",
    code: "fallback-unused",
    facts: { identity },
    text: `${identity}: ${NAME} has no effect: STS is not asked for these credentials, or only at a configured endpoint or in another partition`,
    remedy: "remove it, or name regions of the same partition",
    line: `unset ${NAME}`,
  }));
}

function homesOf(reached: RegionsInput["reached"]): readonly string[] {
  return [...new Set([...reached.values()].flatMap((sts) => (sts === undefined ? [] : [sts.home])))];
}

/** A VPC endpoint with private DNS is the region's own name: only its addresses show that the fallback's leads elsewhere. */
async function privateFindings(
  home: string,
  regions: readonly string[],
  { edge, resolve }: RegionsInput,
): Promise<readonly Finding[]> {
  const hosts = regions.filter((region) => isAsked(home, region)).map((region) => ({ region, host: hostOf(region) }));
  if (proxyFor(new URL(`https://${hostOf(home)}`), edge.env) !== undefined) return [];
  const own = await resolve(hostOf(home));
  if (own.length === 0 || !own.every(isPrivate)) return [];
  const found = hosts.map(async ({ region, host }): Promise<readonly Finding[]> => {
    const addresses = await resolve(host);
    if (addresses.every(isPrivate)) return [];
    return [
      {
        severity: "advice",
        code: "fallback-leaves-private-endpoint",
        facts: { region, host, home: hostOf(home) },
        text: `${hostOf(home)} is a private endpoint, but ${host} is not: when it is asked, the call leaves the private network`,
        remedy: `give this VPC an endpoint or a private hosted zone for ${host}, or take ${region} out of ${NAME}`,
      },
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Of the regional endpoint, which is the name that private DNS of a VPC endpoint takes. */
function hostOf(region: string): string {
  return `sts.${region}.amazonaws.com${partitionOf(region) === "aws-cn" ? ".cn" : ""}`;
}
