/**
 * A manifest's pod in podman, which knows neither sidecars nor service account tokens: what the kubelet would do for them
 * is done here. The pod has a network namespace of its own, and nothing in it but its loopback.
 */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../conformance/processes.ts";
import { podman } from "../../image/podman.ts";
import { eventually } from "./cluster.ts";
import { type Container, type KubernetesObject, SIDECAR, sidecarOf } from "./manifests.ts";

/** The image of containers whose programs are this machine's own: nothing but places for its folders. */
const MACHINE = "localhost/this-machine:1";

export interface PodmanPodOptions {
  readonly pod: KubernetesObject;
  /** Of the sidecar. */
  readonly image: string;
  /** For the test's own files. */
  readonly folder: string;
  /** In the place of the manifest's application: programs of this machine, each with the application's variables and mounts. */
  readonly applications: Readonly<
    Record<string, Pick<Container, "command" | "workingDir"> & { readonly env?: Variables }>
  >;
  /** Programs of this machine beside them, with nothing of the sidecar's. */
  readonly others: Readonly<Record<string, Pick<Container, "command">>>;
  /** The folders of this machine that those need. */
  readonly machine: readonly string[];
  /** Added to what the manifest gives to the sidecar. */
  readonly given: Variables;
}

type Variables = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet: { readonly path: string };
  readonly failureThreshold?: number;
}

export class PodmanPod {
  readonly #name: string;
  readonly #options: PodmanPodOptions;

  private constructor(name: string, options: PodmanPodOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Creates the containers and starts none. */
  static async create(options: PodmanPodOptions): Promise<PodmanPod> {
    await importMachine(options.folder);
    const pod = new PodmanPod(`sidecar-test-${process.pid}`, options);
    pod.writeToken("fake-token-of-the-kubelet-1");
    const path = join(options.folder, "pod.json");
    writeFileSync(path, JSON.stringify(pod.#pod()));
    await podman("play", "kube", "--network=none", "--start=false", path);
    return pod;
  }

  /** As the kubelet changes a projected file: at once, by a link. */
  writeToken(token: string): void {
    const { folder } = this.#options;
    mkdirSync(join(folder, "token", token), { recursive: true });
    writeFileSync(join(folder, "token", token, "token"), token);
    for (const [target, link] of [
      [token, "..data"],
      ["..data/token", "token"],
    ] as const) {
      symlinkSync(target, join(folder, "token", ".new"));
      renameSync(join(folder, "token", ".new"), join(folder, "token", link));
    }
  }

  async start(container: string): Promise<void> {
    await podman("start", this.#container(container));
  }

  async restart(container: string): Promise<void> {
    await podman("restart", this.#container(container));
  }

  /** SIGTERM, and SIGKILL after the grace period of Kubernetes. The exit code. */
  async stop(container: string): Promise<number> {
    await podman("stop", "--time=30", this.#container(container));
    return Number(await this.inspect(container, "{{.State.ExitCode}}"));
  }

  /** Starts a container again and waits for its end: its exit code and what it printed this time. */
  async runToEnd(container: string): Promise<{ readonly code: number; readonly printed: string }> {
    const name = this.#container(container);
    const since = new Date().toISOString();
    await podman("start", name);
    const code = Number(await podman("wait", name));
    return { code, printed: await podman("logs", `--since=${since}`, name) };
  }

  async inspect(container: string, format: string): Promise<string> {
    return await podman("inspect", `--format=${format}`, this.#container(container));
  }

  /** The status of a request to an address inside the pod, and the body. */
  async request(method: string, url: string): Promise<{ readonly status: number; readonly body: string }> {
    const infra = await podman("pod", "inspect", "--format={{.InfraContainerID}}", this.#name);
    const pid = await podman("inspect", "--format={{.State.Pid}}", infra);
    const script = `const answer = await fetch(${JSON.stringify(url)}, { method: ${JSON.stringify(method)} });
      console.log(JSON.stringify({ status: answer.status, body: await answer.text() }));`;
    const inside = ["--net", `--target=${pid}`, process.execPath, "--input-type=module", "--eval", script];
    const { code, stdout, stderr } = await run("/usr/bin/nsenter", inside, {});
    if (code !== 0) throw new Error(`${method} ${url} in the pod: ${stderr.slice(0, 500)}`);
    return JSON.parse(stdout) as { readonly status: number; readonly body: string };
  }

  /** What a probe of the sidecar finds at this moment. */
  async probe(kind: "startupProbe" | "livenessProbe"): Promise<number> {
    const { [kind]: probe } = sidecarOf(this.#options.pod) ?? { name: SIDECAR };
    const { path } = (probe as Probe).httpGet;
    return (await this.request("GET", `http://127.0.0.1:9912${path}`)).status;
  }

  /** Until the start-up probe succeeds: what the application waits for. */
  async started(): Promise<void> {
    await eventually(async () => (await this.probe("startupProbe")) === 200);
  }

  async remove(): Promise<void> {
    await podman("pod", "rm", "--force", "--time=0", this.#name);
  }

  #container(name: string): string {
    return `${this.#name}-${name}`;
  }

  #pod(): KubernetesObject {
    const { pod, image, folder, applications, others, machine: folders, given } = this.#options;
    const application = pod.spec?.containers.find(({ name }) => name !== SIDECAR);
    const mounts = folders.map((path, index) => ({ name: `machine-${index}`, mountPath: path, readOnly: true }));
    const path = [{ name: "PATH", value: "/usr/local/bin:/usr/bin" }];
    const machine = { image: MACHINE, env: path, volumeMounts: mounts };
    const { startupProbe, livenessProbe, restartPolicy, ports, ...sidecar } = sidecarOf(pod) ?? { name: SIDECAR };
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: this.#name },
      spec: {
        // podman starts again what has ended, unless told; here the kubelet's part is the test's.
        restartPolicy: "Never",
        containers: [
          { ...sidecar, image, env: [...(sidecar.env ?? []), ...listed(given)] },
          ...Object.entries(others).map(([name, other]) => ({ ...machine, ...other, name })),
          ...Object.entries(applications).map(([name, { env = {}, ...program }]) => ({
            ...machine,
            ...program,
            name,
            env: [...path, ...(application?.env ?? []), ...listed(env)],
            volumeMounts: [...mounts, ...(application?.volumeMounts ?? [])],
          })),
        ],
        volumes: [
          { name: "aws-credential-sidecar-token", hostPath: { path: join(folder, "token"), type: "Directory" } },
          ...folders.map((path, index) => ({ name: `machine-${index}`, hostPath: { path, type: "Directory" } })),
        ],
      },
    };
  }
}

function listed(variables: Variables): readonly { readonly name: string; readonly value: string }[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** Debian's merged layout, with nothing in it. */
async function importMachine(folder: string): Promise<void> {
  const tree = join(folder, "machine");
  for (const name of ["usr", "etc", "tmp", "proc", "sys", "dev", "run", "var"]) {
    mkdirSync(join(tree, name), { recursive: true });
  }
  for (const name of ["bin", "sbin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(tree, name));
  const archive = `${tree}.tar`;
  const { code, stderr } = await run("/usr/bin/tar", ["-C", tree, "-cf", archive, "."], {});
  if (code !== 0) throw new Error(stderr);
  await podman("import", "--quiet", archive, MACHINE);
}
