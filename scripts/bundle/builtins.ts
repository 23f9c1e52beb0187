/** Node's own modules in the bundle: taken as objects, and only as far as somebody imports them. */
import { builtinModules } from "node:module";
import { relative } from "node:path";
import type { Plugin } from "esbuild";

const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/**
 * Takes Node's modules as objects. An ES import reads every export of a module in order to mirror it, and some are
 * getters that load what nobody asked for: `WebSocket` of `node:http` brings the whole of Node's undici, which is half
 * of what a bare server needs to start, and 6 MB of private memory. The suffix gives each importer its own copy of
 * these few bytes; shared, each builtin would become a file of its own.
 */
export const builtinsAsObjects: Plugin = {
  name: "builtins-as-objects",
  setup({ onResolve, onLoad, initialOptions: { absWorkingDir = "" } }) {
    onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) =>
      builtins.has(path)
        ? {
            path,
            namespace: kind === "import-statement" ? "imported" : "required",
            suffix: `?${relative(absWorkingDir, importer)}`,
          }
        : undefined,
    );
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => ({ contents: imported(path) }));
  },
};

/** Only the exports that somebody imports stay in the bundle: each may be left out, which is what `PURE` says. */
function imported(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => /^[A-Za-z]\w*$/.test(name));
  const from = LATE.has(path) ? late : early;
  return [
    `const $load = () => process.getBuiltinModule(${JSON.stringify(path)});`,
    "const $get = (name) => $load()[name];",
    "export default /* @__PURE__ */ $load();",
    ...names.filter((name) => name !== "default").map(from),
  ].join("\n");
}

const early = (name: string): string => `export const ${name} = /* @__PURE__ */ $get("${name}");`;

/** Loaded with the first call of one of its functions: OpenSSL is a tenth of the time until the sidecar listens. */
const LATE: ReadonlySet<string> = new Set(["node:crypto"]);
const late = (name: string): string =>
  /^[a-z]/.test(name) ? `export const ${name} = (...given) => $load().${name}(...given);` : early(name);
