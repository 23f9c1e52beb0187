/** Stands for Amazon's Elasticsearch: checks who signed, and answers in 18 ms as it did in the article's capture. */
import { setTimeout as sleep } from "node:timers/promises";
import { judge } from "../harness/fake-aws.ts";
import { type Handler, json } from "../harness/http.ts";
import type { Ledger } from "../harness/ledger.ts";
import { readSignature } from "../harness/signature.ts";

export const ELASTICSEARCH_MS = 18;

const FOUND = { took: 1, timed_out: false, hits: { total: 1, hits: [{ _index: "orders", _id: "1" }] } };

/** Denies, with the reason, what is not signed by a credential in the ledger that is valid `now()`, in ms. */
export function elasticsearch(ledger: Ledger, now: () => number, answersAfterMs = ELASTICSEARCH_MS): Handler {
  return async (request) => {
    const judgement = judge(request, readSignature(request.headers.authorization), ledger, now());
    await sleep(answersAfterMs);
    return judgement.kind === "accepted" ? json(200, FOUND) : json(403, { message: judgement.reason });
  };
}
