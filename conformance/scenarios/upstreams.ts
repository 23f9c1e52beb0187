/** 1b. The same with upstreams that are not ours: moto's STS, amazon-ec2-metadata-mock, another sidecar. */
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnce } from "../harness/client-against-sidecar.ts";
import { invent, oneHour } from "../harness/fake-upstream.ts";
import type { Fixture } from "../harness/fixture.ts";
import { listeningPort } from "../harness/listening-port.ts";
import { requestsOf } from "../harness/load.ts";
import { build, buildFolder, MissingToolError, requireTools } from "../harness/needs.ts";
import { upstreamAt } from "../harness/pointed-at.ts";
import { type Context, type Scenario, type Spec, standsForAll } from "../harness/scenario.ts";
import { startSidecar } from "../harness/sidecar.ts";
import { type Started, start } from "../processes.ts";
import { judgeReads } from "./one-hour.ts";

const motoServer = fileURLToPath(new URL("../../.venv/bin/moto_server", import.meta.url));

const imdsMock = {
  name: "imds-mock",
  needs: [{ command: "go", package: "golang" }],
  build: ["go", "build", "-o", "../../build/imds-mock", "github.com/aws/amazon-ec2-metadata-mock/cmd"],
  folder: fileURLToPath(new URL("../upstreams/imds-mock", import.meta.url)),
};

/** Once, when it is first needed: most clients can be run without Go. */
let built: Promise<void> | undefined;

async function buildMock(say: (line: string) => void): Promise<void> {
  await requireTools([imdsMock]);
  await build([imdsMock], say);
}

/** A started upstream, and what the sidecar needs to read from it. */
interface Foreign {
  readonly env: Readonly<Record<string, string>>;
  readonly programs: readonly Pick<Started, "stop">[];
}

export const otherUpstreams: Scenario = {
  id: "upstreams",
  title: "Upstreams of others",
  promise: "The same with moto's STS, amazon-ec2-metadata-mock and another sidecar as upstream.",
  together: 1,
  variants: async (client, _protocol, { all, asked }) =>
    all || asked || standsForAll(client) ? ["moto", "imds-mock", "sidecar"] : [],
  async measure(context, spec) {
    const fixture = await context.real();
    const { env, programs } = await starters[spec.variant as keyof typeof starters](context, fixture, spec);
    try {
      const load = { requests: requestsOf(spec.client, 200), limitMs: 120_000 };
      return await runOnce({ fixture, spec, load, upstream: oneHour, sidecar: { named: false, env } });
    } finally {
      for (const program of programs) await program.stop();
    }
  },
  judge: judgeReads,
};

const starters = {
  async moto({ folder }: Context, fixture: Fixture): Promise<Foreign> {
    await access(motoServer).catch(() => {
      throw new MissingToolError([
        { client: "upstreams", command: "moto_server", package: "by conformance/install.sh" },
      ]);
    });
    const moto = await start({
      command: motoServer,
      args: ["-p", "0"],
      ready: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
    });
    const { url } = await fixture.do("open-relay", { to: moto.match[1] ?? "", refuse: 0 });
    const tokenFile = join(folder, "web-identity");
    await writeFile(tokenFile, "fake.web.identity");
    const env = {
      SIDECAR_UPSTREAM: "web-identity",
      AWS_ENDPOINT_URL_STS: url,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/orders",
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    };
    return { env, programs: [moto] };
  },

  async "imds-mock"({ folder, say }: Context, fixture: Fixture): Promise<Foreign> {
    built ??= buildMock(say);
    await built;
    const expiration = Math.floor(Date.now() / 1_000) * 1_000 + oneHour.sessionMs;
    const issued = invent(expiration);
    await fixture.do("record", issued);
    const config = join(folder, "imds-mock.json");
    await writeFile(config, JSON.stringify({ metadata: { values: mockValues(issued) } }));
    const mock = await start({
      command: join(buildFolder, "imds-mock"),
      args: ["--config-file", config, "--hostname", "127.0.0.1", "--port", "0"],
      ready: /Initiating ec2-metadata-mock/,
    });
    const port = await listeningPort(mock.pid ?? 0);
    return { env: upstreamAt("imds", `http://127.0.0.1:${port}`), programs: [mock] };
  },

  async sidecar(_context: Context, fixture: Fixture, { protocol }: Spec): Promise<Foreign> {
    const upstream = await fixture.do("open-upstream", oneHour);
    const first = await startSidecar({
      clock: fixture.clock,
      env: upstreamAt("container", upstream.url),
      until: "ready",
    });
    return { env: upstreamAt(protocol, first.url), programs: [first] };
  },
};

/** As amazon-ec2-metadata-mock takes them (docs/configuration.md of its repository). */
function mockValues({ accessKeyId, secretAccessKey, sessionToken, expiration }: ReturnType<typeof invent>) {
  return {
    "iam-security-credentials-role": "orders",
    "iam-security-credentials": {
      Code: "Success",
      LastUpdated: "2026-01-01T00:00:00Z",
      Type: "AWS-HMAC",
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: `${new Date(expiration).toISOString().slice(0, 19)}Z`,
    },
  };
}
