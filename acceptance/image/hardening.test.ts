/** The image itself, and the sidecar in a container that may do nothing. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, suite, test } from "node:test";
import { promisify } from "node:util";
import { type BuiltImage, buildImage } from "./built-image.ts";
import { memoryOf } from "./cgroup.ts";
import { container, hardened, output, program, says } from "./container.ts";

const run = promisify(execFile);
let built: BuiltImage;
before(async () => {
  built = await buildImage();
});

const readUrl = "http://127.0.0.1:9911/v1/credentials";

suite("the image", () => {
  test("adds the program and the licences to the base, at most 3 MB, and no node_modules", async () => {
    const [ours, base] = [await files(built.image), new Set(await files(built.base))];
    const added = ours.filter((path) => !base.has(path));
    assert.deepEqual(
      added.filter(
        (path) => !/^app(?:$|\/(?:[^/]+\.mjs$|compiled(?:$|\/)))|^(?:LICENSE|THIRD-PARTY-NOTICES\.txt)$/.test(path),
      ),
      [],
    );
    assert.ok(added.includes("app/main.mjs"));
    assert.deepEqual(
      ours.filter((path) => /node_modules|(?:^|\/)(?:ba|da|a)?sh$|busybox/.test(path)),
      [],
    );
    const bytes = (await layers(built.image)) - (await layers(built.base));
    console.log(`our layers: ${(bytes / 1e6).toFixed(2)} MB`);
    assert.ok(bytes > 0 && bytes <= 3e6);
  });

  test("runs as a number, says what it is, and asks itself whether it is healthy", async () => {
    const [{ Config, Healthcheck = Config.Healthcheck }] = JSON.parse(
      await built.podman("image", "inspect", built.image),
    );
    assert.equal(Config.User, "65532:65532");
    assert.equal(Config.Labels["org.opencontainers.image.title"], "aws-credential-sidecar");
    assert.equal(Config.Labels["org.opencontainers.image.licenses"], "Apache-2.0");
    assert.equal(Config.Labels["org.opencontainers.image.version"], "0.0.0-test");
    assert.ok(Config.Labels["org.opencontainers.image.revision"]);
    assert.deepEqual(Healthcheck.Test, ["CMD", ...Config.Entrypoint, "healthcheck"]);
  });

  test("finds the compiled code of its bundle, which it cannot write, and compiles nothing of it twice", async () => {
    const { image } = built;
    await using sidecar = await container(
      ...hardened,
      "--network=none",
      "--env=NODE_DEBUG_NATIVE=COMPILE_CACHE",
      image,
      "--upstream=demo",
    );
    const line = await sidecar.line((line) => /code cache for ESM .*main\.mjs .*(?:accepted|rejected|not)/.test(line));
    assert.match(line, /accepted/);
    await sidecar.line(says("Ready"));
    assert.doesNotMatch(await sidecar.output(), /for CommonJS|rejected|no such file/);
  });
});

test("runs as any other user too, for OpenShift chooses one", async () => {
  const { image } = built;
  await using sidecar = await container(...hardened, "--network=none", "--user=1000680000:0", image, "--upstream=demo");
  await sidecar.line(says("Ready"));
});

suite("in a container with no network, no capabilities, a read-only root and a memory limit", () => {
  test("serves, as the numeric user and without a privilege", async () => {
    const { image, base } = built;
    await using sidecar = await container(...hardened, "--network=none", image, "--upstream=demo");
    await sidecar.line(says("Ready"));
    const [answer] = JSON.parse(await output(base, "read.ts", `container:${sidecar.name}`, readUrl));
    assert.equal(answer.status, 200);
    const pid = await built.podman("inspect", "--format", "{{.State.Pid}}", sidecar.name);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    assert.match(status, /^Uid:\t65532\t65532\t65532\t65532$/m);
    for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) assert.match(status, new RegExp(`^Cap${set}:\t0+$`, "m"));
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^NSpid:.*\t1$/m);
    assert.match(readFileSync(`/proc/${pid}/mounts`, "utf8"), /^\S+ \/ \S+ ro[,\s]/m);
  });

  test("ends at SIGTERM as the first process, with exit code 0", async () => {
    await using sidecar = await container(...hardened, "--network=none", built.image, "--upstream=demo");
    await sidecar.line(says("Ready"));
    assert.equal((await sidecar.end("SIGTERM")).code, 0);
  });

  test("is healthy when it is ready, and the healthcheck fits beside it", async () => {
    await using sidecar = await container(...hardened, "--network=none", built.image, "--upstream=demo");
    await sidecar.line(says("Ready"));
    await built.podman("healthcheck", "run", sidecar.name);
    assert.equal((await memoryOf(sidecar.name)).killed(), 0);
  });

  test("is unhealthy while it holds no credentials", async () => {
    await using sidecar = await container(...hardened, "--network=none", built.image, "--upstream=environment");
    await sidecar.line(says("Started"));
    await assert.rejects(built.podman("healthcheck", "run", sidecar.name), /unhealthy|exit 1/);
  });

  test("takes its token from a mounted volume", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sidecar-token-"));
    try {
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, "token"), "fake-auth-token");
      const { image, base } = built;
      const volume = [`--volume=${folder}:/var/run/token:ro`, "--env=SIDECAR_AUTH_TOKEN_FILE=/var/run/token/token"];
      await using sidecar = await container(...hardened, "--network=none", ...volume, image, "--upstream=demo");
      await sidecar.line(says("Ready"));
      const read = async (...options: readonly string[]) => {
        const args = program(base, "read.ts", [`--network=container:${sidecar.name}`, ...options], readUrl);
        return JSON.parse(await built.podman("run", "--rm", ...args))[0].status;
      };
      assert.equal(await read("--env=TOKEN=fake-auth-token"), 200);
      assert.equal(await read("--env=TOKEN=another"), 401);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function files(image: string): Promise<readonly string[]> {
  const id = await built.podman("create", image);
  const root = await built.podman("mount", id);
  try {
    const { stdout } = await run("find", [root, "-mindepth", "1", "-printf", "%P\n"], { maxBuffer: 16 * 1_048_576 });
    return stdout.trim().split("\n");
  } finally {
    await built.podman("rm", "--force", id);
  }
}

/** The size of an image's layers together, unpacked, in bytes. */
async function layers(image: string): Promise<number> {
  return JSON.parse(await built.podman("image", "inspect", image))[0].Size;
}
