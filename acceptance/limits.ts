/** What the manifests limit the sidecar's container to, for tests that do the same. */
import { readFileSync } from "node:fs";

const manifest = readFileSync(new URL("../examples/kubernetes/deployment.yaml", import.meta.url), "utf8");

/** Of memory, in MiB. Every other text has the same: test/repo/packaging/containers.test.ts. */
export const MEMORY_LIMIT_MIB = Number(/limits: \{ memory: (\d+)Mi \}/.exec(manifest)?.[1]);
