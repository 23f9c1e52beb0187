/**
 * Ends the requests that an attempt left behind when its time is over. The SDK's container provider takes no signal
 * and has no time-out for an answer, so that in a long outage its requests would add up.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

const attempts = new AsyncLocalStorage<Set<ClientRequest>>();

subscribe("http.client.request.created", (message) => {
  const { request } = message as { request: ClientRequest };
  attempts.getStore()?.add(request);
});

/** Runs `work`; when `signal` aborts, the requests that it began by `node:http` are ended. */
export async function abandonable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const begun = new Set<ClientRequest>();
  const end = () => {
    for (const request of begun) request.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    return await attempts.run(begun, work);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
