/**
 * `npm run build`: the program as one bundle in `dist/`, for the image and the published package. Another folder, below
 * this repository, may be given as an argument.
 */
import { rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const outdir = process.argv[2] ?? "dist";
const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/**
 * Takes Node's modules as objects. An ES import reads every export of a module in order to mirror it, and some are
 * getters that load what nobody asked for: `WebSocket` of `node:http` brings the whole of Node's undici, which is half
 * of what a bare server needs to start, and 6 MB of private memory. The suffix gives each importer its own copy of
 * these few bytes; shared, each builtin would become a file of its own.
 */
const builtinsAsObjects: Plugin = {
  name: "builtins-as-objects",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path, importer, kind }) =>
      builtins.has(path)
        ? {
            path,
            namespace: kind === "import-statement" ? "imported" : "required",
            suffix: `?${relative(root, importer)}`,
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

/**
 * Leaves out what prom-client loads beside metrics: the push gateway (with TLS), the cluster, and Node's default
 * metrics (with OpenTelemetry). None is used here; together they are a seventh of the start-up time, and 2 MB.
 */
const withoutUnusedMetrics: Plugin = {
  name: "without-unused-metrics",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]prom-client[\\/]lib[\\/](?:pushgateway|cluster|defaultMetrics)\.js$/ }, () => ({
      contents: "module.exports = {}",
    }));
  },
};

/**
 * Leaves out pino's transports and its own writer of files: the log is given to a sink. Worker threads stay behind with
 * them, and so do a dozen modules.
 */
const withoutUnusedLogging: Plugin = {
  name: "without-unused-logging",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:pino[\\/]lib[\\/]transport|sonic-boom[\\/]index)\.js$/ }, () => ({
      contents: "module.exports = class {}",
    }));
  },
};

/**
 * Loads TLS when a request needs it. The AWS SDK makes an agent for HTTPS together with the one for HTTP, and looks for
 * Web Crypto when it is loaded; each brings OpenSSL. A container endpoint and IMDS speak plain HTTP, and STS is asked by
 * undici, which brings its own. All of it is a sixth of the time until credentials are there.
 */
const tlsWhenNeeded: Plugin = {
  name: "tls-when-needed",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@smithy[\\/]node-http-handler[\\/]dist-es[\\/]node-https\.js$/ }, () => ({
      contents: LATE_HTTPS,
    }));
    // There is a crypto.randomUUID, which is all that this file would find out.
    onLoad({ filter: /[\\/]@smithy[\\/]core[\\/].*[\\/]uuid[\\/]v4\.js$/ }, () => ({
      contents: "export const bindV4 = () => () => crypto.randomUUID();",
    }));
  },
};

const LATE_HTTPS = `
  const load = () => process.getBuiltinModule("node:https");
  class Agent {
    #options;
    #made;
    constructor(options) {
      this.#options = options;
    }
    get made() {
      this.#made ??= new (load().Agent)(this.#options);
      return this.#made;
    }
    destroy() {
      this.#made?.destroy();
    }
  }
  const request = (options, onResponse) =>
    load().request({ ...options, agent: options.agent instanceof Agent ? options.agent.made : options.agent }, onResponse);
  export const node_https = { Agent, request };
`;

/**
 * Takes of undici what an HTTP client needs. Its index loads everything it has (fetch, WebSocket, caches, mocks), which
 * is half of it and 3 MB of private memory. Whoever imports another name gets nothing, and the type checker cannot say.
 */
const undiciClientOnly: Plugin = {
  name: "undici-client-only",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]undici[\\/]index\.js$/ }, () => ({ contents: UNDICI }));
    // Bodies of forms and blobs; what we and the AWS SDK send are strings and bytes.
    onLoad({ filter: /[\\/]undici[\\/]lib[\\/]web[\\/]/ }, () => ({ contents: "module.exports = {}" }));
  },
};

const UNDICI = `
  const Dispatcher = require("./lib/dispatcher/dispatcher");
  Object.assign(Dispatcher.prototype, require("./lib/api"));
  const { getGlobalDispatcher } = require("./lib/global");
  module.exports = {
    Agent: require("./lib/dispatcher/agent"),
    Dispatcher,
    EnvHttpProxyAgent: require("./lib/dispatcher/env-http-proxy-agent"),
    getGlobalDispatcher,
    request(url, options) {
      const { origin, pathname, search } = new URL(url);
      return getGlobalDispatcher().request({ method: "GET", ...options, origin, path: pathname + search });
    },
  };
`;

// Names of chunks carry hashes: those of the last build would stay.
rmSync(`${root}${outdir}`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir,
  bundle: true,
  // The AWS SDK and the commands, which are imported when they are needed, stay files of their own.
  splitting: true,
  format: "esm",
  // Where no package.json says what a .js is, Node compiles it twice: as CommonJS, and when that fails as this.
  outExtension: { ".js": ".mjs" },
  platform: "node",
  target: "node26",
  // The AWS SDK as ES modules: each provider becomes a file of its own, loaded when used, without what nobody calls.
  mainFields: ["module", "main"],
  // V8 keeps the source of what it runs: 4 MB of private memory with the AWS SDK loaded.
  minify: true,
  plugins: [builtinsAsObjects, withoutUnusedMetrics, withoutUnusedLogging, tlsWhenNeeded, undiciClientOnly],
  logLevel: "warning",
});
