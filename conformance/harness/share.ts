/** Which clients and scenarios the gate runs, for its minutes are few. Pure. */
import type { Client } from "./clients.ts";
import type { Scenario } from "./scenario.ts";

/** Whether the gate runs this scenario with this client. All of them run when somebody names the client, and with `--all`. */
export function isInShare({ gate }: Pick<Client, "gate">, { basic = false }: Pick<Scenario, "basic">): boolean {
  return gate === "all" || (gate === "few" && basic);
}

/** Whether the gate builds it at all. */
export function isInGate({ gate }: Pick<Client, "gate">): boolean {
  return gate !== "nothing";
}
