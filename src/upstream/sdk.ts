/** Every real upstream, on the SDK's providers. */
import { type Credentials, checkCredentials } from "../credentials.ts";
import { MINUTE, wholeSeconds } from "../time.ts";
import { abandonable } from "./abandon.ts";
import { byThisClock } from "./clock-skew.ts";
import { classify, UpstreamFailure } from "./failure.ts";
import type { NearbyKind, Provider } from "./nearby.ts";
import type { ProviderInput } from "./providers.ts";
import { shorterDuration } from "./step-down.ts";
import { createTransport, type Transport } from "./transport.ts";
import type { Upstream } from "./upstream.ts";

/** Signatures fail when the clocks are 5 min apart (SigV4); a smaller offset is not the reason. */
const CLOCK_OFFSET_MIN_MS = MINUTE;

/** How AWS says that a signature's time is off (smithy-typescript, service-error-classification). */
const CLOCK_ERRORS: ReadonlySet<string | undefined> = new Set([
  "SignatureDoesNotMatch",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "InvalidSignatureException",
]);

export interface SdkUpstreamOptions extends Pick<ProviderInput, "kind" | "profile" | "settings" | "edge"> {
  /** Told, in seconds, when the role allows less than was asked. */
  readonly onDurationSteppedDown: (fromS: number, toS: number) => void;
  /** Told, in ms, how far upstream's clock is ahead of ours, at each answer of STS or SSO. */
  readonly onClockOffset: (offset: number) => void;
}

/** Longer than the transport's time-outs for connecting and answering together. */
const TIMEOUT_MS = 15_000;

/** A `credential_process` may ask another service, and has no time-out of its own. */
const PROCESS_TIMEOUT_MS = MINUTE;
const READS_A_PROFILE: readonly string[] = ["process", "profile", "sso"];
/** A chain may come to a profile too, but is mostly about the network, and keeps its shorter time-out. */
const MAY_RUN_A_PROCESS: readonly string[] = [...READS_A_PROFILE, "auto", "assume-role"];

export class SdkUpstream implements Upstream {
  readonly description: string;
  readonly timeoutMs: number;
  readonly #options: SdkUpstreamOptions;
  readonly #transport: Transport;
  #durationS: number;
  /** Learned from a failed signature; a new STS client per renewal would forget it. */
  #clockOffset = 0;
  /** By the last answer of this attempt that told. */
  #measuredOffsetMs: number | undefined;
  #running: Promise<Credentials> | undefined;

  constructor(options: SdkUpstreamOptions) {
    const { kind, profile, settings } = options;
    const role = settings["role-arn"];
    const { now } = options.edge.clock;
    this.#options = options;
    this.#transport = createTransport((date) => {
      this.#measuredOffsetMs = date - now();
      options.onClockOffset(this.#measuredOffsetMs);
    });
    this.timeoutMs = READS_A_PROFILE.includes(kind) ? PROCESS_TIMEOUT_MS : TIMEOUT_MS;
    this.#durationS = wholeSeconds(settings.duration);
    this.description = `${kind}${profile === undefined ? "" : ` ${profile}`}${role === undefined ? "" : `, role ${role}`}`;
  }

  /**
   * One attempt. A `credential_process` runs below a shell and cannot be ended for certain, so one that hangs is
   * waited for again, and never joined by another.
   */
  async fetch(signal: AbortSignal): Promise<Credentials> {
    if (!MAY_RUN_A_PROCESS.includes(this.#options.kind)) return await this.#attempt(signal);
    this.#running ??= this.#attempt(signal);
    try {
      const credentials = await this.#running;
      // An answer that comes when this attempt's time is over is for the next.
      if (!signal.aborted) this.#running = undefined;
      return credentials;
    } catch (thrown) {
      this.#running = undefined;
      throw thrown;
    }
  }

  /** Goes again at once only with a shorter duration or a corrected clock, each of which ends. */
  async #attempt(signal: AbortSignal): Promise<Credentials> {
    for (;;) {
      try {
        return await abandonable(signal, () => this.#fetchOnce());
      } catch (thrown) {
        const failure = classify(thrown, this.#options.edge.clock.now());
        if (!this.#stepDown(thrown) && !this.#correctClock(failure)) throw failure;
      }
    }
  }

  async #fetchOnce(): Promise<Credentials> {
    const provider = await this.#provider();
    this.#measuredOffsetMs = undefined;
    const answer = await provider();
    const checked = checkCredentials(answer, this.#expected(answer));
    if (checked.kind === "ok") return byThisClock(checked.credentials, this.#measuredOffsetMs);
    throw new UpstreamFailure("malformed", `upstream's answer has no usable ${checked.fault}`);
  }

  /** The SDK is half of the start-up: the sidecar listens before it has come, and loads of it what this upstream needs. */
  async #provider(): Promise<Provider> {
    const { kind, settings } = this.#options;
    if (isNearby(kind) && settings["role-arn"] === undefined) return (await import("./nearby.ts")).nearby(kind);
    const { createProvider } = await import("./providers.ts");
    const [transport, durationS, clockOffset] = [this.#transport, this.#durationS, this.#clockOffset];
    return createProvider({ ...this.#options, transport, durationS, clockOffset });
  }

  #stepDown(thrown: unknown): boolean {
    const shorter = shorterDuration(this.#durationS, thrown);
    if (shorter === undefined || !this.#requestsDuration()) return false;
    this.#options.onDurationSteppedDown(this.#durationS, shorter);
    this.#durationS = shorter;
    return true;
  }

  /** A profile's own role has the profile's `duration_seconds`, which no shorter one of ours would change. */
  #requestsDuration(): boolean {
    const { kind, settings, edge } = this.#options;
    const byVariables = kind === "web-identity" || (kind === "auto" && Boolean(edge.env.AWS_WEB_IDENTITY_TOKEN_FILE));
    return settings["role-arn"] !== undefined || byVariables;
  }

  /** True once per offset: a second failure with the clock corrected has another reason. */
  #correctClock({ upstreamCode, clockOffset }: UpstreamFailure): boolean {
    if (!CLOCK_ERRORS.has(upstreamCode) || clockOffset === undefined) return false;
    if (Math.abs(clockOffset - this.#clockOffset) < CLOCK_OFFSET_MIN_MS) return false;
    this.#clockOffset = clockOffset;
    return true;
  }

  #expected(answer: object) {
    const { settings, edge, kind } = this.#options;
    const chained = settings["role-arn"];
    const source = sourceOf(answer) ?? {};
    const byVariables = SourceFeature.webIdentity in source && !(SourceFeature.profile in source);
    const byToken = kind === "web-identity" || byVariables;
    return {
      roleArn: chained ?? (byToken ? edge.env.AWS_ROLE_ARN : undefined),
      unlimitedAllowed: chained === undefined && ["auto", "environment", "profile", "process"].includes(kind),
      fromProgram: chained === undefined && SourceFeature.process in source,
    };
  }
}

function isNearby(kind: ProviderInput["kind"]): kind is NearbyKind {
  return kind === "container" || kind === "imds";
}

/** The SDK notes on its answers which provider of a chain gave them. */
const SourceFeature = {
  webIdentity: "CREDENTIALS_STS_ASSUME_ROLE_WEB_ID",
  /** A profile's own role and token file: another role than that of `AWS_ROLE_ARN`. */
  profile: "CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN",
  process: "CREDENTIALS_PROCESS",
} as const;

function sourceOf(answer: { readonly $source?: object }): object | undefined {
  return answer.$source;
}
