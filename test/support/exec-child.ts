/**
 * A program that `exec` runs. Its words say what it does, one after the other: `read` credentials, `intrude` without a token, print its `env` or its
 * `files`, `exit` with a code, `die` of a signal, `trap` signals, `ask` on the terminal, `nothing`.
 */
import { readFileSync, statSync } from "node:fs";
import { createInterface } from "node:readline/promises";

const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = "", AWS_CONTAINER_AUTHORIZATION_TOKEN: token = "" } = process.env;
const say = (value: unknown) => process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);

async function get(headers: Record<string, string>) {
  // Not by fetch(), whose requests carry a browser's mark.
  const { request } = await import("node:http");
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    request(uri, { headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}

async function read() {
  const { status, text } = await get({ Authorization: token });
  say({ status, accessKeyId: JSON.parse(text).AccessKeyId });
}

function files() {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile = "" } = process.env;
  say({ tokenFile, token: readFileSync(tokenFile, "utf8"), mode: statSync(tokenFile).mode & 0o777 });
}

/** Ends at the first signal, or, on a terminal, when a line is typed: then it has been told of every signal. */
async function trap() {
  const done = Promise.withResolvers<void>();
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR2"]) {
    process.on(name, async () => {
      const { status } = await get({ Authorization: token });
      say(`${name}, and read ${status}`);
      if (!process.stdin.isTTY) done.resolve();
    });
  }
  if (process.stdin.isTTY) process.stdin.once("data", () => done.resolve());
  else setInterval(() => {}, 60_000);
  say("trapping");
  await done.promise;
  process.exit(5);
}

async function ask() {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  say(`hello, ${await terminal.question("your name? ")}, on ${process.stdout.isTTY ? "a terminal" : "a pipe"}`);
  terminal.close();
}

const words = process.argv.slice(2);
for (let word = words.shift(); word !== undefined; word = words.shift()) {
  if (word === "read") await read();
  if (word === "intrude") say((await get({})).status);
  if (word === "env") say(process.env);
  if (word === "config") say(readFileSync(process.env.AWS_CONFIG_FILE ?? "", "utf8"));
  if (word === "files") files();
  if (word === "exit") process.exit(Number(words.shift()));
  if (word === "die") process.kill(process.pid, words.shift());
  if (word === "trap") await trap();
  if (word === "ask") await ask();
}
