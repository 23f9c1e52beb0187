/** The table of the lines that each client wants: those that the command `env` prints, by the names that it takes. */
import { table } from "../../conformance/harness/markdown.ts";
import { clientLines } from "../../src/commands/env/lines.ts";
import { type ClientSetup, clientSetup, FIXED_ADDRESS } from "../../src/policy/client-setup.ts";
import { type Client, clients } from "../../src/policy/clients.ts";
import { clientTitle } from "../../src/status/client-title.ts";

const HEADINGS = ["client", "names", "variables", "auth token", "remark"];

/** The address of the defaults. */
const ADDRESS = "127.0.0.1:9911";

export function clientLinesTable(): string {
  return table(HEADINGS, clients.flatMap(linesOf));
}

/** Names for which the same is printed share a line. */
function linesOf(client: Client): readonly (readonly string[])[] {
  const names = [client.name, ...(client.aliases ?? [])];
  const bySetup = Map.groupBy(names, (name) => JSON.stringify(clientSetup(name, client)));
  return [...bySetup.values()].map((same) => {
    const [first = client.name] = same;
    const setup = clientSetup(first, client);
    const { values } = clientLines({ name: first, client, address: ADDRESS, token: { kind: "none" } });
    const variables = Object.entries(values).map(([name, value]) => `\`${name}=${value}\``);
    return [
      clientTitle(client.name),
      same.map((name) => `\`${name}\``).join(", "),
      variables.join("<br>") || "none",
      tokenOf(setup),
      remarkOf(setup),
    ];
  });
}

function tokenOf(setup: ClientSetup): string {
  if (setup.kind === "pod-identity") return "file";
  if (setup.kind !== "full-uri") return "none is sent";
  const ways = { either: "variable or file", file: "file", variable: "variable", "file-required": "file" } as const;
  return ways[setup.token];
}

function remarkOf(setup: ClientSetup): string {
  const fixed = setup.kind === "full-uri" ? [] : [`the sidecar must listen at ${FIXED_ADDRESS[setup.kind]}`];
  return [...fixed, ...(setup.note === undefined ? [] : [setup.note])].join("; ");
}
