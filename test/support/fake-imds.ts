import type { TestContext } from "node:test";
import { documentAnswer } from "./credential-documents.ts";
import { type FakeRequest, type FakeServer, fakeServer, type Reply } from "./fake-http.ts";

export interface FakeImdsOptions {
  /** The credentials of the one role, `app`. */
  readonly credentials?: () => Reply;
  /** The answer to `PUT /latest/api/token`; a session of IMDSv2 unless told. */
  readonly session?: Reply;
}

const SECURITY_CREDENTIALS = "/latest/meta-data/iam/security-credentials/";
const SESSION = "fake-imds-session";

/** An IMDS on the loopback. It asks for a session token when it gives one. */
export async function fakeImds(t: TestContext, options: FakeImdsOptions = {}): Promise<FakeServer> {
  const { credentials = documentAnswer, session = { body: SESSION } } = options;
  const demanded = session !== "reset" && session !== "never" && session.body === SESSION;
  return await fakeServer(t, ({ method, path, headers }) => {
    if (method === "PUT") return path === "/latest/api/token" ? session : { status: 404 };
    if (demanded && headers["x-aws-ec2-metadata-token"] !== SESSION) return { status: 401 };
    if (path === SECURITY_CREDENTIALS) return { body: "app" };
    return path === `${SECURITY_CREDENTIALS}app` ? credentials() : { status: 404 };
  });
}

export function linesOf(requests: readonly FakeRequest[]): readonly string[] {
  return requests.map(({ method, path }) => `${method} ${path.replace(SECURITY_CREDENTIALS, "…/")}`);
}
