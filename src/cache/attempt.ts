import type { Credentials } from "../credentials.ts";
import type { Clock } from "../edge.ts";
import { SECOND } from "../time.ts";
import { classify } from "../upstream/classify.ts";
import { UpstreamFailure } from "../upstream/failure.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * Calls upstream once, within its time limit. Rejects only with an `UpstreamFailure`. An answer that arrives after the
 * limit is dropped.
 */
export async function attempt(upstream: Upstream, clock: Clock): Promise<Credentials> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const over = new AbortController();
  const cancel = clock.setTimer(upstream.timeoutMs, () => {
    reject(new UpstreamFailure("timeout", `upstream did not answer within ${upstream.timeoutMs / SECOND} s`));
    over.abort();
  });
  try {
    return await Promise.race([upstream.fetch(over.signal), tooLate]);
  } catch (thrown) {
    throw classify(thrown, clock.now());
  } finally {
    cancel();
  }
}
