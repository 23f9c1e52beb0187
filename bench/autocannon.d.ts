/** The little of autocannon that the bench uses; it brings no types. */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  interface Options {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
  }

  interface Result {
    readonly errors: number;
  }

  interface Instance extends EventEmitter, PromiseLike<Result> {
    on(event: "response", handle: (client: unknown, status: number, bytes: number, tookMs: number) => void): this;
  }

  function autocannon(options: Options): Instance;
  export = autocannon;
}
