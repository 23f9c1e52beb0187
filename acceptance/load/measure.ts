/** `npm run build && node acceptance/load/measure.ts`: writes `results.json`, from which docs/benchmarks.md has its table. */
import { writeFileSync } from "node:fs";
import { attacked, type Outcome } from "./attacked.ts";
import { attacks } from "./programs/attacks.ts";

const outcomes: Outcome[] = [];
for (const attack of Object.keys(attacks)) {
  const outcome = await attacked(attack);
  console.log(JSON.stringify(outcome));
  outcomes.push(outcome);
}
const path = new URL("results.json", import.meta.url);
writeFileSync(path, `${JSON.stringify({ node: process.version, outcomes }, undefined, 2)}\n`);
