import { pictures } from "./pictures.ts";
import { prometheusRule } from "./prometheus-rule.ts";

/** Every generated file: its path in the repository, and its text. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([["deploy/monitoring/prometheusrule.yaml", prometheusRule()], ...pictures()]);
}
