/** What docs/first-ten-minutes.md says, done one after the other as a newcomer would who pastes it. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { run } from "../../conformance/processes.ts";
import { writeShared } from "../../test/support/environment.ts";
import { Cluster, freePort } from "../kubernetes/support/cluster.ts";
import { root } from "../kubernetes/support/manifests.ts";
import { minors } from "../kubernetes/support/schemas.ts";
import { startMoto } from "../moto.ts";
import { missing, tasksOf } from "./tasks.ts";

const [installation, ...tasks] = tasksOf(readFileSync(`${root}/docs/first-ten-minutes.md`, "utf8"));

suite("the first ten minutes", () => {
  const aws = startMoto();
  let home: string;
  let cluster: Cluster;
  let ports: Readonly<Record<string, string>>;

  before(async () => {
    home = mkdtempSync(join(tmpdir(), "first-ten-minutes-"));
    writeShared(home, {
      config: "[profile dev]\nregion = eu-west-1\n",
      credentials: "[dev]\naws_access_key_id = AKIAFAKE000000000001\naws_secret_access_key = fake-secret\n",
    });
    // Debian 12's CLI does not know AWS_ENDPOINT_URL yet.
    mkdirSync(join(home, "aws"));
    writeFileSync(join(home, "aws/aws"), `#!/bin/sh\nexec /usr/bin/aws --endpoint-url ${aws()} "$@"\n`, {
      mode: 0o755,
    });
    ports = { 9911: String(await freePort()), 9912: String(await freePort()) };
    cluster = await Cluster.start(minors[0] ?? assert.fail());
    await cluster.kubectl("create", "serviceaccount", "default");
    const { code, stderr } = await paste((installation?.commands ?? "").replace(/^npm ci\n/, ""));
    assert.equal(code, 0, stderr);
  });

  after(async () => {
    await cluster?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  /** The sidecar's own ports may be in use on this machine. */
  const elsewhere = (text: string) => text.replaceAll(/\b(?<=127\.0\.0\.1:)991[12]\b/g, (port) => ports[port] ?? port);

  async function paste(commands: string) {
    const path = [
      `${home}/aws`,
      `${home}/bin`,
      `${root}/.venv/bin`,
      `${root}/acceptance/kubernetes/build`,
      "/usr/bin",
      "/bin",
    ];
    return await run(
      "/bin/bash",
      ["-c", `exec 2>&1\nset -m\n${elsewhere(commands)}`],
      {
        HOME: home,
        PATH: path.join(":"),
        AWS_ENDPOINT_URL: aws(),
        AWS_REGION: "eu-west-1",
        AWS_EC2_METADATA_DISABLED: "true",
        KUBECONFIG: cluster.kubeconfig,
        SIDECAR_LISTEN: `127.0.0.1:${ports[9911]}`,
        SIDECAR_ADMIN_LISTEN: `127.0.0.1:${ports[9912]}`,
      },
      { cwd: root },
    );
  }

  test("has ten tasks", () => {
    assert.deepEqual(
      tasks.map(({ title }) => Number.parseInt(title, 10)),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  for (const { title, commands, prints = assert.fail("every task says what it prints") } of tasks) {
    test(`${title}: the commands print what the document says`, async () => {
      const { code, stdout } = await paste(commands);
      assert.deepEqual(missing(stdout, prints), [], stdout);
      assert.equal(code, 0, stdout);
    });
  }
});
