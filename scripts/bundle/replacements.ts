/** What the bundle has instead of files of its dependencies: what is never used, or loads too much too soon. */
import type { Plugin } from "esbuild";

interface Replacement {
  /** Of the paths that are replaced. */
  readonly paths: RegExp;
  readonly contents: string;
}

const NOTHING = "module.exports = {}";

/**
 * undici without fetch, WebSocket, caches and mocks. Whoever imports another name gets nothing, and no bundler says so:
 * `test/repo/packaging/bundle.test.ts` does.
 */
export const UNDICI = `
  const Dispatcher = require("./lib/dispatcher/dispatcher");
  Object.assign(Dispatcher.prototype, require("./lib/api"));
  const { getGlobalDispatcher } = require("./lib/global");
  module.exports = {
    Agent: require("./lib/dispatcher/agent"),
    Dispatcher,
    Pool: require("./lib/dispatcher/pool"),
    ProxyAgent: require("./lib/dispatcher/proxy-agent"),
    getGlobalDispatcher,
    request(url, options) {
      const { origin, pathname, search } = new URL(url);
      return getGlobalDispatcher().request({ method: "GET", ...options, origin, path: pathname + search });
    },
  };
`;

/** What the SDK's HTTP handler takes of `node:https`, which is loaded with the first request over TLS. */
const HTTPS = `
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

const replacements: readonly Replacement[] = [
  // Beside metrics: the push gateway (with TLS), the cluster, and Node's default metrics (with OpenTelemetry). Together a
  // seventh of the start-up time, and 2 MB.
  { paths: /[\\/]prom-client[\\/]lib[\\/](?:pushgateway|cluster|defaultMetrics)\.js$/, contents: NOTHING },
  // The log is given to a sink. Worker threads stay behind with pino's transports, and so do a dozen modules.
  { paths: /[\\/]pino[\\/]lib[\\/]transport\.js$/, contents: NOTHING },
  // pino asks whether its sink is one of these.
  { paths: /[\\/]sonic-boom[\\/]index\.js$/, contents: "module.exports = class {}" },
  // Half of undici and 3 MB of private memory. Bodies of forms and blobs are for fetch; what we and the AWS SDK send are
  // strings and bytes.
  { paths: /[\\/]undici[\\/]index\.js$/, contents: UNDICI },
  { paths: /[\\/]undici[\\/]lib[\\/]web[\\/]/, contents: NOTHING },
  // HTTP/2 is asked for by nobody, and Node's module for it takes as long to load as OpenSSL.
  { paths: /[\\/]undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/, contents: NOTHING },
  // The SDK makes an agent for TLS with each for plain HTTP, and looks for Web Crypto when it is loaded; each brings
  // OpenSSL. A container endpoint and IMDS are asked without. A sixth of the time until credentials are there.
  { paths: /[\\/]@smithy[\\/]node-http-handler[\\/]dist-es[\\/]node-https\.js$/, contents: HTTPS },
  {
    paths: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]uuid[\\/]v4\.js$/,
    contents: "export const bindV4 = () => () => crypto.randomUUID();",
  },
];

/** Fails where there is nothing to replace: a new version of a dependency may call its files otherwise. */
export const replacedFiles: Plugin = {
  name: "replaced-files",
  setup({ onLoad, onEnd }) {
    const missed = new Set(replacements.map(({ paths }) => paths));
    for (const { paths, contents } of replacements) {
      onLoad({ filter: paths }, () => {
        missed.delete(paths);
        return { contents };
      });
    }
    onEnd(() => ({ errors: [...missed].map((paths) => ({ text: `no file that is bundled matches ${paths}` })) }));
  },
};
