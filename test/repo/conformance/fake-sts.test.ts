/** STS of several regions, as the sidecar's own upstream reaches them through the proxy of `conformance/`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FakeSts } from "../../../conformance/harness/fake-sts.ts";
import { Ledger } from "../../../conformance/harness/ledger.ts";
import { systemClock } from "../../../src/edge.ts";
import { HOUR } from "../../../src/time.ts";
import { useEnvironment } from "../../support/environment.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../../support/identities.ts";
import { ROLE } from "../../support/sts-answers.ts";

const REGIONS = ["eu-west-1", "eu-central-1"];

test("each region gives sessions that are written down, until it is down; then the fallback does, and then none", async (t) => {
  const ledger = new Ledger();
  const sts = new FakeSts({ regions: REGIONS, sessionMs: HOUR }, ledger, systemClock.now);
  const { url, certificate, close } = await sts.open();
  t.after(close);
  const { home } = useEnvironment(t, { AWS_REGION: "eu-west-1", AWS_ROLE_ARN: ROLE, HTTPS_PROXY: url });
  const [token, ca] = [join(home, "token"), join(home, "ca.pem")];
  writeFileSync(token, "fake-web-identity-token");
  writeFileSync(ca, certificate);
  Object.assign(process.env, { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_CA_BUNDLE: ca });
  const upstream = defaultUpstream(["--upstream=web-identity", "--sts-fallback-regions=eu-central-1"]);
  const first = await fetchOnce(upstream);
  assert.deepEqual(first.sts, { region: "eu-west-1", home: "eu-west-1" });
  const written = ledger.find(first.accessKeyId);
  assert.deepEqual(first.lifetime, { kind: "until", expiration: written?.expiration });
  sts.set(["eu-west-1"]);
  assert.equal((await fetchOnce(upstream)).sts?.region, "eu-central-1");
  sts.set(REGIONS);
  assert.equal((await failureOf(upstream)).kind, "unreachable");
  assert.deepEqual(sts.report(), { issued: { "eu-west-1": 1, "eu-central-1": 1 } });
});
