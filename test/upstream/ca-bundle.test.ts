/** `AWS_CA_BUNDLE` and a profile's `ca_bundle`: what they hold is trusted, instead of Node's certificates. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { documentAnswer } from "../support/credential-documents.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { ROLE, STATIC_KEYS, stsAnswer, stsSession } from "../support/sts-answers.ts";

const CERTIFICATE = fileURLToPath(new URL("../support/tls/fake-certificate.pem", import.meta.url));
const KEY = fileURLToPath(new URL("../support/tls/fake-key.pem", import.meta.url));

async function tlsServer(t: TestContext, body: string): Promise<string> {
  const options = { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) };
  const server = createServer(options, (_, response) => response.end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: (url: string) => Variables;
  readonly body: string;
}

const ways: readonly Way[] = [
  {
    name: "STS",
    flags: ["--upstream=environment", `--role-arn=${ROLE}`],
    env: (url) => ({ ...STATIC_KEYS, AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_STS: url }),
    body: stsAnswer("AssumeRole", stsSession()).body ?? "",
  },
  {
    name: "a container endpoint",
    flags: ["--upstream=container"],
    env: (url) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/creds` }),
    body: documentAnswer().body ?? "",
  },
];

for (const { name, flags, env, body } of ways) {
  test(`${name} is trusted by AWS_CA_BUNDLE`, async (t) => {
    useEnvironment(t, { ...env(await tlsServer(t, body)), AWS_CA_BUNDLE: CERTIFICATE });
    await fetchOnce(defaultUpstream(flags));
  });

  test(`${name} is trusted by the profile's ca_bundle`, async (t) => {
    const { home } = useEnvironment(t, env(await tlsServer(t, body)));
    writeShared(home, { config: `[default]\nca_bundle = ${CERTIFICATE}\n` });
    await fetchOnce(defaultUpstream(flags));
  });

  test(`${name} is not trusted without them, and is as soon as they are there`, async (t) => {
    const { home } = useEnvironment(t, env(await tlsServer(t, body)));
    const upstream = defaultUpstream(flags);
    assert.equal((await failureOf(upstream)).kind, "unreachable");
    process.env.AWS_CA_BUNDLE = join(home, "ca.pem");
    writeFileSync(process.env.AWS_CA_BUNDLE, readFileSync(CERTIFICATE));
    await fetchOnce(upstream);
  });
}
