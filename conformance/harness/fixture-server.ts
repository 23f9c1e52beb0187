/**
 * Everything that the clients talk to, in one process, so that it shares one clock and one ledger: upstreams of our
 * own, relays, and local AWSs. The harness opens each by a control port, and the clock may be libfaketime's.
 */
import { type AwsReport, FakeAws } from "./fake-aws.ts";
import { FakeSts, type StsReport, type StsSettings } from "./fake-sts.ts";
import { FakeUpstream, type UpstreamReport, type UpstreamSettings } from "./fake-upstream.ts";
import { type Handler, json, type Served, serve } from "./http.ts";
import { type Issued, Ledger } from "./ledger.ts";
import { Relay, type RelayOptions, type RelayReport } from "./relay.ts";

export interface Opened {
  readonly id: number;
  readonly url: string;
}

/** Proxy of STS: what `HTTPS_PROXY` and `AWS_CA_BUNDLE` lead to. */
export interface OpenedSts extends Opened {
  /** In PEM. */
  readonly certificate: string;
}

/** Every operation of the control port: what it is given and what it answers. */
export interface Operations {
  readonly now: { readonly given: Record<never, never>; readonly answer: { readonly now: number } };
  readonly "open-aws": { readonly given: Record<never, never>; readonly answer: Opened };
  readonly "report-aws": {
    readonly given: { readonly id: number; readonly after?: number };
    readonly answer: AwsReport;
  };
  readonly "open-upstream": { readonly given: UpstreamSettings; readonly answer: Opened };
  readonly "set-upstream": {
    readonly given: { readonly id: number; readonly changes: Partial<UpstreamSettings> };
    readonly answer: Record<never, never>;
  };
  readonly "report-upstream": { readonly given: { readonly id: number }; readonly answer: UpstreamReport };
  readonly "open-sts": { readonly given: StsSettings; readonly answer: OpenedSts };
  /** These regions are down from now on, and no others. */
  readonly "set-sts": {
    readonly given: { readonly id: number; readonly down: readonly string[] };
    readonly answer: Record<never, never>;
  };
  readonly "report-sts": { readonly given: { readonly id: number }; readonly answer: StsReport };
  readonly "open-relay": { readonly given: RelayOptions; readonly answer: Opened };
  readonly "report-relay": { readonly given: { readonly id: number }; readonly answer: RelayReport };
  /** Credentials that were not issued here; without an expiration for static keys. */
  readonly record: {
    readonly given: Omit<Issued, "expiration"> & { readonly expiration?: number };
    readonly answer: Record<never, never>;
  };
  readonly close: { readonly given: { readonly id: number }; readonly answer: Record<never, never> };
}

type Part = FakeAws | FakeSts | FakeUpstream | Relay;

export class FixtureServer {
  readonly #ledger = new Ledger();
  readonly #now: () => number;
  readonly #open = new Map<number, { readonly part: Part; readonly served: Served }>();
  #lastId = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly operations: {
    [Name in keyof Operations]: (given: Operations[Name]["given"]) => Promise<Operations[Name]["answer"]>;
  } = {
    now: async () => ({ now: this.#now() }),
    "open-aws": () => this.#serve(new FakeAws(this.#ledger, this.#now)),
    "report-aws": async ({ id, after }) => this.#part(id, FakeAws).report(after),
    "open-upstream": (settings) => this.#serve(new FakeUpstream(settings, this.#ledger, this.#now)),
    "set-upstream": async ({ id, changes }) => {
      this.#part(id, FakeUpstream).set(changes);
      return {};
    },
    "report-upstream": async ({ id }) => this.#part(id, FakeUpstream).report(),
    "open-sts": async (settings) => {
      const part = new FakeSts(settings, this.#ledger, this.#now);
      const { certificate, ...served } = await part.open();
      return { ...this.#add(part, served), certificate };
    },
    "set-sts": async ({ id, down }) => {
      this.#part(id, FakeSts).set(down);
      return {};
    },
    "report-sts": async ({ id }) => this.#part(id, FakeSts).report(),
    "open-relay": (options) => this.#serve(new Relay(options, this.#ledger)),
    "report-relay": async ({ id }) => this.#part(id, Relay).report(),
    record: async ({ expiration = Number.POSITIVE_INFINITY, ...issued }) => {
      this.#ledger.record({ ...issued, expiration });
      return {};
    },
    close: async ({ id }) => {
      await this.#open.get(id)?.served.close();
      this.#open.delete(id);
      return {};
    },
  };

  /** `POST /{operation}` with what it is given as JSON. */
  readonly control: Handler = async ({ target, body }) => {
    const name = target.slice(1) as keyof Operations;
    if (!(name in this.operations)) return json(404, { message: `no operation ${name}` });
    const operation = this.operations[name] as (given: unknown) => Promise<unknown>;
    return json(200, await operation(JSON.parse(body.toString())));
  };

  async #serve(part: Exclude<Part, FakeSts>): Promise<Opened> {
    return this.#add(part, await serve(part.handle));
  }

  #add(part: Part, served: Served): Opened {
    this.#lastId += 1;
    this.#open.set(this.#lastId, { part, served });
    return { id: this.#lastId, url: served.url };
  }

  #part<T extends Part>(id: number, kind: abstract new (...given: never[]) => T): T {
    const part = this.#open.get(id)?.part;
    if (part instanceof kind) return part;
    throw new Error(`${kind.name} ${id} is not open`);
  }
}

if (import.meta.main) {
  const { url } = await serve(new FixtureServer(Date.now).control);
  process.stdout.write(`control ${url}\n`);
}
