/**
 * How long the sidecar and a bare server of `node:http` take from their start until they are ready, in ms, turn by turn
 * on the image's Node. Arguments: rounds, the image's entry point as JSON, and the sidecar's upstream.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const [rounds, entryPoint = "[]", upstream] = process.argv.slice(2);
const sidecar: string[] = JSON.parse(entryPoint);
const bare = `import { createServer } from "node:http";
  createServer((request, response) => response.end("{}")).listen(9911, "127.0.0.1", () => console.log('{"code":"Started"}\\n{"code":"Ready"}'));`;
const programs = {
  bare: [process.execPath, "--input-type=module", "--eval", bare],
  sidecar: [...sidecar, `--upstream=${upstream}`, "--listen=127.0.0.1:9911", "--admin-listen=127.0.0.1:9912"],
};

interface Start {
  /** It listens. */
  readonly started: number;
  /** It has credentials: with the AWS SDK loaded, and a request to upstream answered. */
  readonly ready: number;
}

/** A bare server asks nobody, and so trusts nobody. */
const { NODE_EXTRA_CA_CERTS: _, ...withoutTrust } = process.env;
const environments = { bare: withoutTrust, sidecar: process.env };

async function start(name: keyof typeof programs): Promise<Start> {
  const [file = "", ...args] = programs[name];
  const startedAt = performance.now();
  const child = spawn(file, args, { env: environments[name], stdio: ["ignore", "pipe", "inherit"] });
  const at: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const { code } = JSON.parse(line);
    at[code] = performance.now() - startedAt;
    if (code === "Ready") break;
  }
  child.kill("SIGTERM");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return { started: at.Started ?? Number.NaN, ready: at.Ready ?? Number.NaN };
}

const took: Record<keyof typeof programs, Start[]> = { bare: [], sidecar: [] };
for (let round = 0; round < Number(rounds); round += 1) {
  took.bare.push(await start("bare"));
  took.sidecar.push(await start("sidecar"));
}
console.log(JSON.stringify(took));
