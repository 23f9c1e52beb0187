/**
 * An upstream of our own, for what the real ones cannot be made to do: short sessions kept for long (kiam), denial,
 * hanging, outages, a clock of its own. Serves the container protocol and both versions of IMDS.
 */
import { randomBytes } from "node:crypto";
import type { Client } from "../../src/policy/clients.ts";
import { MINUTE } from "../../src/time.ts";
import { type Handler, type Incoming, json, type Reply, text } from "./http.ts";
import type { Issued, Ledger } from "./ledger.ts";

export type Trouble = "unavailable" | "denies" | "hangs";

/** In ms since it was set, by the upstream's own clock. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly as: Trouble;
}

export interface UpstreamSettings {
  readonly sessionMs: number;
  /** The same session is given until so much is left. As long as the session: each call gets a new one. */
  readonly keepUntilMs: number;
  /** How long an answer with credentials takes, and one with the role's name. */
  readonly latencyMs: number;
  readonly listLatencyMs: number;
  /** kiam knows no IMDSv2: it answers a PUT with 404, or passes it on to the real IMDS, which answers. */
  readonly sessionTokens: "answered" | "404";
  /** `holds`: answers when it is set to something else. */
  readonly does: "answers" | "holds" | Trouble;
  readonly outage?: Outage;
  /** How far the clock by which it writes expirations is ahead of everybody else's, in ms. */
  readonly skewMs: number;
  /** A second field for the access key ID, which AWS does not send, for a client that looks for it there. */
  readonly accessKeyIdField?: Client["accessKeyIdField"];
}

export const oneHour: UpstreamSettings = {
  sessionMs: 60 * MINUTE,
  keepUntilMs: 60 * MINUTE,
  latencyMs: 20,
  listLatencyMs: 2,
  sessionTokens: "answered",
  does: "answers",
  skewMs: 0,
};

/** As in the incident: 15-minute sessions, kept until 5 minutes are left; two calls, 86 ms in all. */
export const kiam: UpstreamSettings = {
  ...oneHour,
  sessionMs: 15 * MINUTE,
  keepUntilMs: 5 * MINUTE,
  latencyMs: 80,
  listLatencyMs: 6,
  sessionTokens: "404",
};

export interface UpstreamReport {
  /** Requests for credentials, whatever became of them. */
  readonly calls: number;
  readonly issued: number;
  readonly outageEndsAt?: number;
}

const ROLE = "orders";
const ROLE_PATH = "/latest/meta-data/iam/security-credentials";

export class FakeUpstream {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  #settings: UpstreamSettings;
  #session: { readonly issued: Issued; readonly at: number } | undefined;
  #calls = 0;
  #count = 0;
  #setAt: number;
  #released = Promise.withResolvers<void>();

  constructor(settings: UpstreamSettings, ledger: Ledger, now: () => number) {
    this.#settings = settings;
    this.#ledger = ledger;
    this.#now = now;
    this.#setAt = now();
  }

  set(changes: Partial<UpstreamSettings>): void {
    this.#settings = { ...this.#settings, ...changes };
    this.#setAt = this.#now();
    this.#released.resolve();
    this.#released = Promise.withResolvers();
  }

  report(): UpstreamReport {
    const { outage } = this.#settings;
    const ends = outage === undefined ? {} : { outageEndsAt: this.#setAt + outage.toMs };
    return { calls: this.#calls, issued: this.#count, ...ends };
  }

  readonly handle: Handler = async (given) => {
    // Java v2 puts its path after an endpoint that ends in a slash, minio-js the role's name after a list that does.
    const request = { ...given, target: given.target.replaceAll(/\/{2,}/g, "/") };
    const { target } = request;
    const wantsCredentials = target === "/v1/credentials" || target === `${ROLE_PATH}/${ROLE}`;
    if (wantsCredentials) this.#calls += 1;
    while (this.#settings.does === "holds") await this.#released.promise;
    const trouble = this.#trouble();
    if (trouble === "hangs") return undefined;
    if (trouble !== undefined) return troubleReply(trouble);
    if (wantsCredentials) {
      await sleep(this.#settings.latencyMs);
      return json(200, this.#document(target === "/v1/credentials"));
    }
    if (target === ROLE_PATH || target === `${ROLE_PATH}/`) {
      await sleep(this.#settings.listLatencyMs);
      return text(200, ROLE);
    }
    return this.#other(request);
  };

  #other({ method, target, headers }: Incoming): Reply {
    if (method === "PUT" && target === "/latest/api/token" && this.#settings.sessionTokens === "answered") {
      const ttl = String(headers["x-aws-ec2-metadata-token-ttl-seconds"] ?? "21600");
      return { ...text(200, "fake-imds-session"), headers: { "X-Aws-Ec2-Metadata-Token-Ttl-Seconds": ttl } };
    }
    if (target === "/latest/dynamic/instance-identity/document") return json(200, { region: "eu-west-1" });
    if (target === "/latest/meta-data/placement/region") return text(200, "eu-west-1");
    return text(404, "not found");
  }

  #trouble(): Trouble | undefined {
    const { does, outage } = this.#settings;
    if (does !== "answers" && does !== "holds") return does;
    const age = this.#now() - this.#setAt;
    return outage !== undefined && age >= outage.fromMs && age < outage.toMs ? outage.as : undefined;
  }

  #document(container: boolean) {
    const { issued, at } = this.#current();
    const { skewMs, accessKeyIdField = "AccessKeyId" } = this.#settings;
    return {
      Code: "Success",
      Type: "AWS-HMAC",
      LastUpdated: format(at + skewMs),
      AccessKeyId: issued.accessKeyId,
      [accessKeyIdField]: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      Token: issued.sessionToken,
      Expiration: format(issued.expiration + skewMs),
      ...(container ? { RoleArn: `arn:aws:iam::123456789012:role/${ROLE}` } : {}),
    };
  }

  #current() {
    const now = this.#now();
    const { sessionMs, keepUntilMs } = this.#settings;
    const cached = this.#session;
    if (cached !== undefined && cached.issued.expiration - now > keepUntilMs) return cached;
    const session = { issued: invent(wholeSecond(now) + sessionMs), at: now };
    this.#session = session;
    this.#ledger.record(session.issued);
    this.#count += 1;
    return session;
  }
}

/** Credentials that nobody else has, with this real expiration in ms. */
export function invent(expiration: number): Issued {
  return {
    accessKeyId: `ASIAFAKE${randomBytes(6).toString("hex").toUpperCase()}`,
    secretAccessKey: `fake-secret-${randomBytes(14).toString("hex")}`,
    sessionToken: `fake-token-${randomBytes(48).toString("hex")}`,
    expiration,
  };
}

function troubleReply(trouble: Exclude<Trouble, "hangs">): Reply {
  return trouble === "denies" ? text(403, "denied") : text(503, "unavailable");
}

function wholeSecond(time: number): number {
  return Math.floor(time / 1_000) * 1_000;
}

function format(time: number): string {
  return `${new Date(wholeSecond(time)).toISOString().slice(0, 19)}Z`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
