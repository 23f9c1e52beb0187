/**
 * What is around the pods of the cluster: the node's IMDS, and an AWS that knows whom it issued what. It stands in the
 * cluster's network namespace, so that its addresses and ports are nobody else's.
 *
 * POST /does/{answers,unavailable}   how IMDS is
 * GET  /report                       what both have seen
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { FakeAws } from "../../conformance/harness/fake-aws.ts";
import { FakeUpstream, oneHour } from "../../conformance/harness/fake-upstream.ts";
import { type Handler, json } from "../../conformance/harness/http.ts";
import { Ledger } from "../../conformance/harness/ledger.ts";
import { AWS_PORT, NODE_ADDRESS } from "./settings.ts";

const ledger = new Ledger();
const imds = new FakeUpstream(oneHour, ledger, Date.now);
const aws = new FakeAws(ledger, Date.now);

const control: Handler = (request) => {
  switch (request.target) {
    case "/does/answers":
    case "/does/unavailable":
      imds.set({ does: request.target === "/does/answers" ? "answers" : "unavailable" });
      return json(200, {});
    case "/report":
      return json(200, { imds: imds.report(), aws: aws.report() });
    default:
      return aws.handle(request);
  }
};

async function listen(handler: Handler, port: number, host: string): Promise<void> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "GET", url: target = "/", headers } = request;
    const reply = await handler({ method, target, headers, body: Buffer.concat(chunks) });
    response.writeHead(reply?.status ?? 500, reply?.headers);
    response.end(reply?.body);
  });
  server.listen(port, host);
  await once(server, "listening");
}

await listen(imds.handle, 80, "169.254.169.254");
await listen(control, AWS_PORT, NODE_ADDRESS);
process.stdout.write("listening\n");
