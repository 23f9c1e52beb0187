/** A fake AWS (moto), installed by conformance/install.sh. */
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { type Started, start } from "../conformance/processes.ts";

/** moto's server, for all tests of a file; what is returned gives its URL. */
export function startMoto(): () => string {
  let moto: Started;
  before(async () => {
    moto = await start({
      command: fileURLToPath(new URL("../.venv/bin/moto_server", import.meta.url)),
      args: ["-p", "0"],
      ready: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
    });
  });
  after(() => moto.stop());
  return () => moto.match[1] ?? "";
}
