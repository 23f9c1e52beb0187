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
      builtins.has(path) ? { path, namespace: kind, suffix: `?${relative(absWorkingDir, importer)}` } : undefined,
    );
    onLoad({ filter: /./, namespace: "require-call" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
    onLoad({ filter: /./, namespace: "import-statement" }, ({ path }) => ({ contents: exporting(path) }));
    onLoad({ filter: /./, namespace: "dynamic-import" }, ({ path }) => ({ contents: exporting(path, isPlain) }));
  },
};

/** A dynamic import keeps every export, so that getters that load what nobody asked for must not be any. */
const isPlain = ({ get }: PropertyDescriptor): boolean => get === undefined;

/** Only the exports that a statement imports stay in the bundle: each may be left out, which is what `PURE` says. */
function exporting(path: string, isWanted: (property: PropertyDescriptor) => boolean = () => true): string {
  const names = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path) ?? {}))
    .filter(([name, property]) => /^[A-Za-z]\w*$/.test(name) && name !== "default" && isWanted(property))
    .map(([name]) => name);
  return [
    `const $load = () => process.getBuiltinModule(${JSON.stringify(path)});`,
    "const $get = (name) => $load()[name];",
    "export default /* @__PURE__ */ $load();",
    ...names.map((name) =>
      path === "node:crypto" && LATE.has(name)
        ? `export const ${name} = (...given) => $load().${name}(...given);`
        : `export const ${name} = /* @__PURE__ */ $get("${name}");`,
    ),
  ].join("\n");
}

/** They load OpenSSL when they are called: it is a tenth of the time until the sidecar listens. */
const LATE: ReadonlySet<string> = new Set([
  "createHash",
  "createHmac",
  "getRandomValues",
  "randomBytes",
  "timingSafeEqual",
]);
