/** Real sidecars in the states that the alerts are about. */
import type { TestContext } from "node:test";
import { type FakeAnswer, fakeServer } from "../../test/support/fake-http.ts";
import { type Serving, serveProgram } from "../../test/support/program.ts";
import { get } from "../../test/support/served.ts";

/** A container endpoint that issues sessions of this length, in seconds. */
const issues = (lifetimeS: number): FakeAnswer => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    AccessKeyId: "ASIAFAKE000000000001",
    SecretAccessKey: "fake-secret",
    Token: "fake-token",
    Expiration: new Date(Date.now() + lifetimeS * 1_000).toISOString(),
  }),
});

const DOWN: FakeAnswer = { status: 500 };

async function withUpstream(t: TestContext, answer: FakeAnswer): Promise<Serving> {
  const { url } = await fakeServer(t, () => answer);
  const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials` };
  return await serveProgram(t, ["--upstream=container"], { env });
}

/** By the name that their pod has in Prometheus. */
export async function startPods(t: TestContext): Promise<Readonly<Record<string, Serving>>> {
  return {
    well: await withUpstream(t, issues(3_600)),
    ending: await withUpstream(t, issues(100)),
    down: await withUpstream(t, DOWN),
    demo: await serveProgram(t, ["--upstream=demo"]),
  };
}

/** As the incident's service did: a read before every call. */
export async function storm({ url }: Serving): Promise<void> {
  for (let read = 0; read < 100; read += 1) await get(`${url}/v1/credentials`);
}

/** What a page in a browser would send. */
export async function trespass({ url }: Serving, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await get(`${url}/v1/credentials`, { headers: { Origin: "http://evil.example" } });
  }
}
