/** What a pod pays for the image: measured in containers as a pod has them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../certificate.ts";
import type { BuiltImage } from "./built-image.ts";
import { memoryOf } from "./cgroup.ts";
import { container, hardened, output, program, says } from "./container.ts";

/** Enough for the heap to grow as far as it will. */
const READS = { kept: 60_000, new: 30_000 } as const;

/** Memory is read so often while the flood lasts. */
const SAMPLE_MS = 20;

/** How long nothing is asked before memory counts as idle: V8 gives back what it can within seconds. */
const IDLE_MS = 5_000;

export interface Cost {
  /** MiB of the container's cgroup that no other pod shares. */
  readonly idle: number;
  /** MiB of mapped files: Node itself, which all pods of a node share. */
  readonly file: number;
  /** The most that was seen while 64 connections read. */
  readonly flooded: Readonly<Record<keyof typeof READS, number>>;
  readonly answered: Readonly<Record<keyof typeof READS, number>>;
  readonly killed: number;
}

export type Upstream = "web-identity" | "container";

/** STS is asked over TLS, as in every pod: that is the larger half of what it costs. */
const upstreams: Readonly<Record<Upstream, readonly string[]>> = {
  "web-identity": [
    "--env=AWS_ENDPOINT_URL_STS=https://127.0.0.1:8443",
    "--env=NODE_EXTRA_CA_CERTS=/tls/certificate.pem",
    "--env=AWS_REGION=eu-west-1",
    "--env=AWS_ROLE_ARN=arn:aws:iam::123456789012:role/app",
    "--env=AWS_WEB_IDENTITY_TOKEN_FILE=/etc/hostname",
  ],
  container: ["--env=AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:8080/"],
};

interface Pod extends AsyncDisposable {
  /** The network that its containers share. */
  readonly network: string;
  /** Of `podman run`, for a container that asks this upstream. */
  readonly options: readonly string[];
}

/** A pod's loopback with, at its other end, what the sidecar asks. */
async function podWith(upstream: Upstream, base: string): Promise<Pod> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "sidecar-tls-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  await selfSigned(folder);
  const tls = `--volume=${folder}:/tls:ro`;
  const aws = resources.use(await container(...program(base, "aws.ts", ["--network=none", tls])));
  await aws.line((line) => line === "listening");
  const network = `container:${aws.name}`;
  const kept = resources.move();
  return {
    network,
    options: [`--network=${network}`, tls, ...upstreams[upstream]],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export async function costOf({ image, base }: BuiltImage, upstream: Upstream): Promise<Cost> {
  await using pod = await podWith(upstream, base);
  await using sidecar = await container(...hardened, ...pod.options, image, `--upstream=${upstream}`);
  await sidecar.line(says("Ready"));
  await output(base, "read.ts", pod.network, "http://127.0.0.1:9911/v1/credentials", "http://127.0.0.1:9912/metrics");
  const memory = await memoryOf(sidecar.name);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const [idle, file] = [memory.anonymous(), memory.file()];
  const kept = await flood("kept");
  const fresh = await flood("new");
  return {
    idle,
    file,
    flooded: { kept: kept.most, new: fresh.most },
    answered: { kept: kept.answered, new: fresh.answered },
    killed: memory.killed(),
  };

  async function flood(connections: keyof typeof READS): Promise<{ most: number; answered: number }> {
    let most = 0;
    const sampling = setInterval(() => {
      most = Math.max(most, memory.anonymous());
    }, SAMPLE_MS);
    try {
      const args = ["9911", "/v1/credentials", `${READS[connections]}`, connections];
      const { answered } = JSON.parse(await output(base, "flood.ts", pod.network, ...args));
      return { most, answered };
    } finally {
      clearInterval(sampling);
    }
  }
}

/** In ms since the process began. */
export interface Start {
  readonly started: number;
  readonly ready: number;
}

/** Turn by turn; the sidecar on a real upstream that answers at once. */
export async function startsOf(
  { image, base, podman }: BuiltImage,
  upstream: Upstream,
  rounds: number,
): Promise<Record<"bare" | "sidecar", Start[]>> {
  await using pod = await podWith(upstream, base);
  const entryPoint = await podman("image", "inspect", "--format", "{{json .Config.Entrypoint}}", image);
  const options = [...pod.options, "--entrypoint=/nodejs/bin/node"];
  const args = [`${rounds}`, entryPoint, upstream];
  return JSON.parse(await podman("run", "--rm", ...program(image, "starts.ts", options, ...args)));
}
