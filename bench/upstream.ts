/** STS over TLS, in the bench's own process: it answers at once, or denies when it is told to. */
import { mkdtempSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../acceptance/certificate.ts";

const HOUR_MS = 3_600_000;

export interface Upstream {
  readonly origin: string;
  /** Of its certificate, and of the key that belongs to it. */
  readonly certificate: string;
  readonly key: string;
  /** The length of the session tokens that it issues. */
  tokenBytes: number;
  lifetimeMs: number;
  denies: boolean;
  calls: number;
  readonly close: () => void;
}

export async function startUpstream(): Promise<Upstream> {
  const { key, certificate } = await selfSigned(mkdtempSync(join(tmpdir(), "bench-tls-")));
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    upstream.calls += 1;
    request.resume();
    answer(upstream, request, response);
  });
  const upstream = {
    origin: "",
    certificate,
    key,
    tokenBytes: 400,
    lifetimeMs: HOUR_MS,
    denies: false,
    calls: 0,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  upstream.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

function answer(upstream: Upstream, { url = "" }: IncomingMessage, response: ServerResponse): void {
  const expiration = new Date(Date.now() + upstream.lifetimeMs).toISOString().replace(/\.\d+/, "");
  const [keyId, secret, token] = ["ASIAFAKE000000000000", "fake-secret", "f".repeat(upstream.tokenBytes)];
  if (url.startsWith("/sessions")) {
    response.writeHead(upstream.denies ? 403 : 201, { "Content-Type": "application/json" });
    const credentials = { accessKeyId: keyId, secretAccessKey: secret, sessionToken: token, expiration };
    const roleArn = "arn:aws:iam::123456789012:role/app";
    return void response.end(
      JSON.stringify(
        upstream.denies ? { message: "denied" } : { credentialSet: [{ roleArn, credentials }], subjectArn: roleArn },
      ),
    );
  }
  response.writeHead(upstream.denies ? 403 : 200, { "Content-Type": "text/xml" });
  if (upstream.denies) {
    return void response.end(
      "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
    );
  }
  response.end(`<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>${keyId}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${token}</SessionToken>
    <Expiration>${expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`);
}
