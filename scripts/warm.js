/**
 * Runs the program once, so that Node keeps the compiled code of what it ran (`NODE_COMPILE_CACHE`): the image's build
 * does this with the image's own Node, user and flags, for any other would not find it again. JavaScript, as that Node
 * runs it before anything of ours is there.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, get } from "node:http";
import { createInterface } from "node:readline";

const [program] = process.argv.slice(2);

/** STS, for the commonest upstream in a pod. */
const sts = createServer((request, response) => {
  request.resume();
  const Expiration = new Date(Date.now() + 3_600_000).toISOString();
  response.end(`<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>ASIAFAKE000000000000</AccessKeyId><SecretAccessKey>fake</SecretAccessKey>
    <SessionToken>fake</SessionToken><Expiration>${Expiration}</Expiration>
    </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`);
}).listen(0, "127.0.0.1");
await once(sts, "listening");
const environment = {
  ...process.env,
  AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${sts.address().port}`,
  AWS_REGION: "us-east-1",
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/warm",
  // Any file will do as a token.
  AWS_WEB_IDENTITY_TOKEN_FILE: import.meta.filename,
};

const sidecar = start(["serve", "--upstream=web-identity", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"]);
let listens;
for await (const line of createInterface({ input: sidecar.stdout })) {
  const said = JSON.parse(line);
  if (said.code === "Started") listens = { credentials: said.credentials[0], admin: said.admin[0] };
  if (said.code !== "Ready") continue;
  await read(`http://${listens.credentials}/v1/credentials`);
  await read(`http://${listens.admin}/metrics`);
  await ended(start(["healthcheck", `--admin-listen=${listens.admin}`]));
  sidecar.kill("SIGTERM");
}
await ended(sidecar);
sts.close();
sts.closeAllConnections();

/** Not `fetch`, which the sidecar takes for a browser's. */
async function read(url) {
  const [answer] = await once(get(url), "response");
  await answer.toArray();
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`);
}

function start(args) {
  return spawn(process.execPath, [...process.execArgv, program, ...args], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function ended(child) {
  const code = child.exitCode ?? (await once(child, "exit"))[0];
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")}: exit ${code}`);
}
