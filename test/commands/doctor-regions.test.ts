/** `doctor` beside a running sidecar that has a fallback region, as programs. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FakeSts } from "../../conformance/harness/fake-sts.ts";
import { Ledger } from "../../conformance/harness/ledger.ts";
import { systemClock } from "../../src/edge.ts";
import { HOUR } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { runProgram, serveProgram } from "../support/program.ts";
import { ROLE } from "../support/sts-answers.ts";

const REGIONS = ["eu-west-1", "eu-central-1"];

test("doctor in the container of a running sidecar asks its fallback regions, and names those that fail", async (t) => {
  const sts = new FakeSts({ regions: REGIONS, sessionMs: HOUR }, new Ledger(), systemClock.now);
  const { url, certificate, close } = await sts.open();
  t.after(close);
  const folder = temporaryDirectory(t);
  const [token, ca] = [join(folder, "token"), join(folder, "ca.pem")];
  writeFileSync(token, "fake-web-identity-token");
  writeFileSync(ca, certificate);
  const env = {
    AWS_REGION: "eu-west-1",
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_CA_BUNDLE: ca,
    HTTPS_PROXY: url,
    SIDECAR_UPSTREAM: "web-identity",
    SIDECAR_STS_FALLBACK_REGIONS: "eu-central-1",
  };
  const { program, adminUrl } = await serveProgram(t, [], { env });
  await program.line("Ready");
  const examine = async () => {
    const args = ["doctor", "--json", `--admin-listen=${adminUrl.replace("http://", "")}`];
    const { out } = await runProgram(t, args, { env });
    const { findings } = JSON.parse(out) as { readonly findings: readonly Record<string, string>[] };
    return findings
      .filter(({ code }) => code?.startsWith("fallback-"))
      .map(({ code, region, line }) => [code, region, line]);
  };
  assert.deepEqual(await examine(), [["fallback-answers", "eu-central-1", undefined]]);
  sts.set(["eu-central-1"]);
  assert.deepEqual(await examine(), [["fallback-fails", "eu-central-1", "unset SIDECAR_STS_FALLBACK_REGIONS"]]);
});
