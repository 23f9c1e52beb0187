/** What a pod's sidecar asks: STS for a web identity, and a container endpoint. Answers at once, with fake credentials. */
import { createServer } from "node:http";

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

const server = createServer((request, response) => {
  request.resume();
  if (request.method === "POST") response.setHeader("Content-Type", "text/xml").end(assumedRole());
  else response.end(JSON.stringify(document()));
});
server.listen(8080, "127.0.0.1", () => console.log("listening"));
process.on("SIGTERM", () => process.exit(0));
