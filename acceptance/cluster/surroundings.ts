/**
 * What is around the pods of the cluster: the node's IMDS and its agent of EKS Pod Identity, STS over TLS, the issuer of
 * the service accounts' tokens, and an AWS that knows whom it issued what. It stands in the cluster's network namespace,
 * so that its addresses and ports are nobody else's. Argument: a folder with the certificate and `jwks.json`.
 *
 * POST /set                  how the upstreams are: `Around` as JSON
 * POST /tell                 an application's sums or fault, as JSON
 * GET  /report               what all of them have seen
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeAws } from "../../conformance/harness/fake-aws.ts";
import { FakeUpstream, kiam, oneHour } from "../../conformance/harness/fake-upstream.ts";
import { type Handler, json, serve } from "../../conformance/harness/http.ts";
import { Ledger } from "../../conformance/harness/ledger.ts";
import type { Around, Report, Told } from "./report.ts";
import { AWS_PORT, ISSUER, ISSUER_PORT, LINK_LOCAL, NODE_ADDRESS, STS } from "./settings.ts";
import { FakeSts } from "./sts.ts";
import { verifiedClaims } from "./web-identity.ts";

const [folder = ""] = process.argv.slice(2);
const file = (name: string): Buffer => readFileSync(join(folder, name));
const tls = { key: file("key.pem"), cert: file("certificate.pem") };
const issuer = { url: ISSUER, ca: tls.cert };

const ledger = new Ledger();
const aws = new FakeAws(ledger, Date.now);
const imds = new FakeUpstream(oneHour, ledger, Date.now);
const kiamAgent = new FakeUpstream(kiam, ledger, Date.now);
const agent = new FakeUpstream(oneHour, ledger, Date.now);
const sts = new FakeSts(ledger, issuer, oneHour.sessionMs);
let node = imds;
const told: Told[] = [];

const publishIssuer: Handler = ({ target }) =>
  target === "/openid/v1/jwks"
    ? json(200, JSON.parse(file("jwks.json").toString()))
    : json(200, { issuer: ISSUER, jwks_uri: `${ISSUER}/openid/v1/jwks` });

/** As the agent does, it knows a pod by a token that the API server made for it. */
const serveAgent: Handler = async (request) => {
  try {
    await verifiedClaims(String(request.headers.authorization), "pods.eks.amazonaws.com", issuer);
  } catch (error) {
    return json(401, { message: error instanceof Error ? error.message : "unknown" });
  }
  return await agent.handle(request);
};

function set({ does, sessionMs, node: at }: Around): void {
  if (does !== undefined) {
    for (const upstream of [imds, kiamAgent, agent]) upstream.set({ does });
    sts.does = does;
  }
  if (sessionMs !== undefined) sts.sessionMs = sessionMs;
  if (at !== undefined) node = at === "kiam" ? kiamAgent : imds;
}

const control: Handler = (request) => {
  const given = (): unknown => JSON.parse(request.body.toString());
  switch (request.target) {
    case "/set":
      set(given() as Around);
      return json(200, {});
    case "/tell":
      told.push(given() as Told);
      return json(200, {});
    case "/report":
      return json(200, {
        imds: imds.report(),
        kiam: kiamAgent.report(),
        agent: agent.report(),
        sts: sts.report(),
        aws: aws.report(),
        told,
      } satisfies Report);
    default:
      return aws.handle(request);
  }
};

await serve((request) => node.handle(request), { port: 80, host: LINK_LOCAL.imds });
await serve(serveAgent, { port: 80, host: LINK_LOCAL.agent });
await serve(sts.handle, { port: STS.port, host: NODE_ADDRESS, tls });
await serve(publishIssuer, { port: ISSUER_PORT, host: NODE_ADDRESS, tls });
await serve(control, { port: AWS_PORT, host: NODE_ADDRESS });
process.stdout.write("listening\n");
