/**
 * What a pod's sidecar asks: STS for a web identity, over TLS with the certificate in /tls or
 * the folder that is its argument, and a container endpoint.
 * Answers at once, with fake credentials.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

const HOUR_MS = 3_600_000;

function document() {
  const Expiration = new Date(Date.now() + HOUR_MS).toISOString();
  return { AccessKeyId: "ASIAFAKE000000000000", SecretAccessKey: "fake-secret", Token: "fake-token", Expiration };
}

function assumedRole(): string {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = document();
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
    <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${AccessKeyId}</AccessKeyId>
    <SecretAccessKey>${SecretAccessKey}</SecretAccessKey><SessionToken>${Token}</SessionToken>
    <Expiration>${Expiration}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
    </AssumeRoleWithWebIdentityResponse>`;
}

const [folder = "/tls"] = process.argv.slice(2);
const pem = (name: string): Buffer => readFileSync(`${folder}/${name}.pem`);
const sts = createTlsServer({ key: pem("key"), cert: pem("certificate") }, (request, response) => {
  request.resume();
  response.setHeader("Content-Type", "text/xml").end(assumedRole());
});
const container = createServer((_, response) => response.end(JSON.stringify(document())));
sts.listen(8443, "127.0.0.1", () => container.listen(8080, "127.0.0.1", () => console.log("listening")));
process.on("SIGTERM", () => process.exit(0));
