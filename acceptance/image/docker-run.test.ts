/** The `docker run` commands of the documents, run as they are written, but for the image's name and the free port. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { type BuiltImage, buildImage } from "./built-image.ts";
import { containersEnv, podman, podmanOptions } from "./podman.ts";

const run = promisify(execFile);
let built: BuiltImage;
before(async () => {
  built = await buildImage();
});

const root = new URL("../../", import.meta.url);
const WRITTEN = /<!-- docker run -->\n```sh\n([\s\S]*?)```/;
const documents = globSync("{README.md,{examples,deploy}/**/README.md}", { cwd: root }).filter((path) =>
  WRITTEN.test(readFileSync(new URL(path, root), "utf8")),
);

test("a document says how to docker run with ~/.aws read-only", () => {
  assert.ok(documents.includes("examples/compose/README.md"));
});

for (const document of documents) {
  test(`docker run as ${document} has it serves programs on the host`, () => servesHost(document));
}

async function servesHost(document: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), "sidecar-home-"));
  mkdirSync(join(home, ".aws"));
  writeFileSync(join(home, ".aws", "config"), "[profile dev]\nregion = eu-west-1\n");
  writeFileSync(
    join(home, ".aws", "credentials"),
    "[dev]\naws_access_key_id = AKIAFAKE000000000000\naws_secret_access_key = fake-secret\n",
  );
  const name = `sidecar-test-${randomBytes(6).toString("hex")}`;
  const env = { HOME: home, LOCAL_USER: "0:0", AWS_PROFILE: "dev", SIDECAR_AUTH_TOKEN: "fake-auth-token" };
  try {
    await shell(command(document, name), env);
    const port = Number((await podman("port", name, "9911/tcp")).split(":").at(-1));
    const { AccessKeyId } = JSON.parse(await readUntilServed(port, "fake-auth-token"));
    assert.match(AccessKeyId, /^A[KS]IA\w{16}$/);
  } finally {
    await podman("rm", "--force", "--ignore", "--time", "0", name);
    rmSync(home, { recursive: true, force: true });
  }
}

/** The command between the markers, for podman: detached, under a name and on a port of the test's own. */
function command(document: string, name: string): string {
  const [, written = ""] = WRITTEN.exec(readFileSync(new URL(document, root), "utf8")) ?? [];
  const changes: readonly (readonly [RegExp, string])[] = [
    [/^docker run --rm/, `podman ${podmanOptions.map((option) => `'${option}'`).join(" ")} run --detach`],
    [/--name \S+/, `--name ${name}`],
    [/127\.0\.0\.1:9911:9911/, "127.0.0.1::9911"],
    [/localhost\/aws-credential-sidecar:\S+/, built.image],
  ];
  return changes.reduce((before, [from, to]) => {
    assert.match(before, from, `the command of ${document} has changed`);
    return before.replace(from, to);
  }, written.split("\n\n")[0] ?? "");
}

async function shell(line: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { PATH, CONTAINERS_CONF } = containersEnv;
  await run("sh", ["-c", line], { env: { PATH, CONTAINERS_CONF, ...env } });
}

/** The port is open before the program behind it; until that listens, connections are reset. */
async function readUntilServed(port: number, token: string): Promise<string> {
  for (;;) {
    try {
      return await read(port, token);
    } catch (error) {
      if (!["ECONNRESET", "ECONNREFUSED"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}

async function read(port: number, token: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { host: "127.0.0.1", port, path: "/v1/credentials", headers: { Authorization: token } };
  request(options, async (answer) => resolve((await answer.toArray()).join("")))
    .on("error", reject)
    .end();
  return await promise;
}
