/**
 * What is around a pod, for one that has no network: EKS Pod Identity's agent, and an AWS that knows whom it issued what.
 * It stands in the pod's own network namespace, so that its port is nobody else's.
 *
 * POST /does/{answers,unavailable}   how the agent is
 * GET  /report                       what both have seen
 */
import { FakeAws } from "../../conformance/harness/fake-aws.ts";
import { FakeUpstream, oneHour } from "../../conformance/harness/fake-upstream.ts";
import { type Handler, json, serve } from "../../conformance/harness/http.ts";
import { Ledger } from "../../conformance/harness/ledger.ts";

const ledger = new Ledger();
const agent = new FakeUpstream({ ...oneHour, does: "unavailable" }, ledger, Date.now);
const aws = new FakeAws(ledger, Date.now);

const handle: Handler = (request) => {
  switch (request.target) {
    case "/does/answers":
    case "/does/unavailable":
      agent.set({ does: request.target === "/does/answers" ? "answers" : "unavailable" });
      return json(200, {});
    case "/report":
      return json(200, { agent: agent.report(), aws: aws.report() });
    case "/v1/credentials":
      return agent.handle(request);
    default:
      return aws.handle(request);
  }
};

await serve(handle, { port: 8_080 });
process.stdout.write("listening\n");
