/** The lines that the demo prints, pasted into a shell of a machine whose own keys would win over the sidecar's. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readClients } from "./harness/clients.ts";
import { build } from "./harness/needs.ts";
import { run, start } from "./processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const KEYS = "aws_access_key_id = AKIAWRONGWRONGWRONG1\naws_secret_access_key = wrong\n";
/** Of `aws configure list`: where the key comes from. */
const FROM_SIDECAR = /access_key.*\bcontainer-role\b/;

type Files = Readonly<Record<string, string>>;
type Env = Readonly<Record<string, string>>;

const homes = {
  "nothing of its own": [{}, {}],
  "keys of boto 2": [{ ".boto": `[Credentials]\n${KEYS}` }, {}],
  "a default profile with keys": [{ ".aws/credentials": `[default]\n${KEYS}` }, {}],
  "keys and a profile in variables": [
    { ".aws/credentials": `[other]\n${KEYS}` },
    { AWS_ACCESS_KEY_ID: "AKIAWRONGWRONGWRONG2", AWS_SECRET_ACCESS_KEY: "wrong", AWS_PROFILE: "other" },
  ],
} as const satisfies Readonly<Record<string, readonly [Files, Env]>>;

/** AWS CLI v1 is what `conformance/run` has installed before, in the gate. */
const commands = {
  "AWS CLI v1": join(root, "conformance/build/aws-cli-v1/bin/aws"),
  "AWS CLI v2": "/usr/bin/aws",
} as const;

let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "conformance-demo-"));
  if (existsSync(commands["AWS CLI v1"])) return;
  const all = await readClients(join(root, "conformance/clients"));
  await build(all.filter(({ name }) => name === "aws-cli-v1"));
});

after(() => rmSync(folder, { recursive: true }));

function homeWith(files: Files, aws: string): string {
  const home = mkdtempSync(join(folder, "home-"));
  for (const path of [".aws", "bin"]) mkdirSync(join(home, path));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
  symlinkSync(aws, join(home, "bin/aws"));
  return home;
}

/** Starts the demo on a machine like that, pastes what it printed, and gives what the shell printed. */
async function paste([files, own]: readonly [Files, Env], aws: string, kept: (line: string) => boolean = () => true) {
  const home = homeWith(files, aws);
  const env = { ...own, HOME: home };
  const demo = await start({
    command: process.execPath,
    args: [join(root, "examples/demo.ts"), "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"],
    env,
    ready: /In another terminal:\n\n([\s\S]+?)\n\nCtrl-C/,
  });
  const lines = (demo.match[1] ?? "").split("\n").filter(kept).join("\n");
  const path = `${home}/bin:/usr/bin:/bin`;
  const ran = await run("/bin/bash", ["-ec", lines], { ...env, PATH: path }, { cwd: home });
  await demo.stop();
  return ran;
}

for (const [name, aws] of Object.entries(commands)) {
  for (const [own, home] of Object.entries(homes)) {
    test(`${name} reads from the demo, as pasted, on a machine with ${own}`, async () => {
      const { code, stdout, stderr } = await paste(home, aws);
      assert.equal(code, 0, stderr);
      assert.match(stdout, FROM_SIDECAR);
      assert.equal(stdout.match(/"AccessKeyId": ?"ASIADEMO/g)?.length, 2, "what both lines with curl print");
    });
  }

  test(`${name} takes boto 2's keys without the line that the demo gives against them`, async () => {
    const { stdout } = await paste(homes["keys of boto 2"], aws, (line) => !line.includes("BOTO_CONFIG"));
    assert.match(stdout, /access_key.*\bboto-config\b/);
  });
}
