/** What a client did when its reads failed, from the outage that outlives a session. Pure. */
import type { FailedRead } from "../../src/policy/failed-reads.ts";
import type { Row } from "./results.ts";

/** Whether the run shows it. */
export function showsFailedRead({ scenario, variant }: Pick<Row, "scenario" | "variant">): boolean {
  return scenario === "outage" && variant.endsWith("outlived");
}

export function failedReadOf({ verdict, counts }: Pick<Row, "verdict" | "counts">): FailedRead {
  if (verdict === "broken" || counts === undefined) return "ends";
  const { late, unsigned = 0, failed, recoveryMs } = counts;
  if (late > 0) return recoveryMs === undefined ? "signs-on-for-long" : "signs-on";
  if (unsigned > 0) return recoveryMs === undefined ? "unsigned-for-long" : "unsigned";
  if (recoveryMs === undefined) return "never-again";
  return failed === 0 ? "waits" : "fails";
}
