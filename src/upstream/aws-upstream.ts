/** The upstream of one identity, of any kind but the demo. */
import type { Credentials } from "../credentials.ts";
import type { Edge } from "../edge.ts";
import type { Settings } from "../settings/table.ts";
import { MINUTE, SECOND, wholeSeconds } from "../time.ts";
import { askedFor } from "./asked-for.ts";
import { links, type Resolved } from "./chain.ts";
import { checkProvided } from "./check-provided.ts";
import { classify } from "./classify.ts";
import { byThisClock } from "./clock-skew.ts";
import { UpstreamFailure } from "./failure.ts";
import { MAX_SHARED_BYTES, readTextFile } from "./files.ts";
import { textOf } from "./ini.ts";
import { namedProfile, type SdkKind, setUpOf } from "./resolve.ts";
import { assumeByToken, assumeRole, type PlanInput, runPlan } from "./run-plan.ts";
import { assumeRoleExtras, sessionName, sessionOf } from "./session.ts";
import { shorterDuration } from "./step-down.ts";
import { type AttemptRegions, type StsAnswer, StsRegions } from "./sts-regions.ts";
import { createTransports, type Transports } from "./transport.ts";
import type { Upstream } from "./upstream.ts";

/** Signatures fail when the clocks are 5 min apart (SigV4); a smaller offset is not the reason. */
const CLOCK_OFFSET_MIN_MS = MINUTE;

export interface AwsUpstreamOptions {
  readonly kind: SdkKind;
  /** The AWS profile to read; undefined leaves it to `AWS_PROFILE`. */
  readonly profile: string | undefined;
  readonly settings: Settings;
  readonly edge: Edge;
  /** Asks STS in this region and in no other. */
  readonly onlyRegion?: string | undefined;
  /** Called, in seconds, when the role allows less than was asked. */
  readonly onDurationSteppedDown: (fromSeconds: number, toSeconds: number) => void;
  /** Called, in ms, with how far upstream's clock is ahead of ours, at each answer of STS or SSO. */
  readonly onClockOffset: (offsetMs: number) => void;
  /** Called when an attempt succeeded with an answer of STS, at other than a configured endpoint. */
  readonly onStsAnswer: (answer: StsAnswer) => void;
}

/** In ms. Longer than the transport's time-outs for connecting and answering together. */
const TIMEOUT_MS = 15 * SECOND;

/** In ms. An attempt that finds the first region hanging asks another too. */
const TWO_REGIONS_TIMEOUT_MS = 2 * TIMEOUT_MS;

/** In ms. A `credential_process` may ask another service, and has no time-out of its own; every request has. */
const PROCESS_TIMEOUT_MS = MINUTE;
const MAY_RUN_A_PROCESS: readonly SdkKind[] = ["auto", "assume-role", "process", "profile", "sso"];

export class AwsUpstream implements Upstream {
  readonly description: string;
  readonly timeoutMs: number;
  givenFor: string | undefined;
  readonly #options: AwsUpstreamOptions;
  readonly #transports: Transports;
  readonly #regions: StsRegions;
  #durationSeconds: number;
  /** Learned from a failed signature; a new STS client per refresh would forget it. */
  #clockOffsetMs = 0;
  /** By the last answer of this attempt that had a `Date`. */
  #measuredOffsetMs: number | undefined;
  /** The link of the chain that gave credentials last. */
  #link: number | undefined;
  /** Settles when the attempt before this one has ended. */
  #ended: Promise<unknown> = Promise.resolve();

  constructor(options: AwsUpstreamOptions) {
    const { kind, profile, settings } = options;
    const role = settings["role-arn"];
    const { now } = options.edge.clock;
    this.#options = options;
    this.#transports = createTransports((date) => {
      this.#measuredOffsetMs = date - now();
      options.onClockOffset(this.#measuredOffsetMs);
    });
    const { "sts-fallback-regions": fallbacks = [] } = settings;
    this.#regions = new StsRegions({ fallbacks, only: options.onlyRegion });
    const timeoutMs = fallbacks.length === 0 ? TIMEOUT_MS : TWO_REGIONS_TIMEOUT_MS;
    this.timeoutMs = MAY_RUN_A_PROCESS.includes(kind) ? PROCESS_TIMEOUT_MS : timeoutMs;
    this.#durationSeconds = wholeSeconds(settings.duration);
    this.description = `${kind}${profile === undefined ? "" : ` ${profile}`}${role === undefined ? "" : `, role ${role}`}`;
  }

  async askedFor(): Promise<string> {
    return askedFor({ ...this.#options, ...(await setUpOf(this.#options)) });
  }

  /** One attempt, which begins when a program that the attempt before it ran has ended. */
  async fetch(signal: AbortSignal): Promise<Credentials> {
    const before = this.#ended;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    try {
      await before;
      return await this.#attempt(signal);
    } finally {
      resolve();
    }
  }

  /** Repeats the call at once only with a shorter duration or a corrected clock; both are bounded. */
  async #attempt(signal: AbortSignal): Promise<Credentials> {
    const classified = (thrown: unknown) => classify(thrown, this.#options.edge.clock.now(), this.#clockOffsetMs);
    const regions = this.#regions.begin(signal, classified);
    for (;;) {
      try {
        return await this.#fetchOnce(signal, regions);
      } catch (thrown) {
        const failure = classified(thrown);
        if (!this.#stepDown(thrown) && !this.#correctClock(failure)) throw failure;
      }
    }
  }

  async #fetchOnce(signal: AbortSignal, regions: AttemptRegions): Promise<Credentials> {
    const { kind, settings, edge } = this.#options;
    this.#measuredOffsetMs = undefined;
    const { files, resolved } = await setUpOf(this.#options);
    this.#refuseLaterLink(resolved);
    const name = namedProfile(this.#options.profile, edge.env) ?? "default";
    const input = await this.#planInput({
      signal,
      regions,
      profile: files.profiles.get(name),
      services: files.services,
    });
    const role = settings["role-arn"];
    const isChained = role !== undefined && kind !== "web-identity";
    const session = sessionOf(settings, edge, this.#durationSeconds);
    const first = await this.#run(resolved, input, isChained ? {} : session);
    const last = isChained
      ? await assumeRole(role, { ...session, ...assumeRoleExtras(settings) }, first, input)
      : first;
    const credentials = checkProvided(last, isChained ? undefined : resolved.plan);
    this.#link = resolved.link;
    this.givenFor = askedFor({ ...this.#options, files, resolved });
    if (regions.answer !== undefined) this.#options.onStsAnswer(regions.answer);
    return byThisClock(credentials, this.#measuredOffsetMs);
  }

  /** The session's limits are for the role at the end of the chain, not for what it is assumed with. */
  async #run({ plan, byVariables }: Resolved, input: PlanInput, session: Parameters<typeof assumeByToken>[2]) {
    if (plan.kind !== "web-identity" || !byVariables) return await runPlan(plan, input);
    return await assumeByToken(plan, input, session);
  }

  /** It is a fault when the provider that gave credentials is gone: a later one would give another identity. */
  #refuseLaterLink({ link }: Resolved): void {
    if (this.#link === undefined || link <= this.#link) return;
    const [before, now] = [links[this.#link], links[link]];
    throw new UpstreamFailure(
      "not-configured",
      `${before} gave credentials before and is gone; ${now} would give those of another identity`,
    );
  }

  async #planInput({
    signal,
    regions,
    profile,
    services,
  }: Pick<PlanInput, "signal" | "profile" | "services"> & { readonly regions: AttemptRegions }): Promise<PlanInput> {
    const { settings, edge } = this.#options;
    const { env, clock } = edge;
    const bundle = env.AWS_CA_BUNDLE || textOf(profile, "ca_bundle");
    const ca = bundle
      ? await readTextFile(bundle, "AWS_CA_BUNDLE (ca_bundle in the profile)", MAX_SHARED_BYTES)
      : undefined;
    return {
      transport: this.#transports.during(signal, { env, ca }),
      env,
      clock,
      signal,
      profile,
      services,
      askSts: regions.ask,
      ca,
      clockOffsetMs: this.#clockOffsetMs,
      sessionName: sessionName(settings, edge),
    };
  }

  #stepDown(thrown: unknown): boolean {
    const shorter = shorterDuration(this.#durationSeconds, thrown);
    if (shorter === undefined || !this.#requestsDuration()) return false;
    this.#options.onDurationSteppedDown(this.#durationSeconds, shorter);
    this.#durationSeconds = shorter;
    return true;
  }

  /** A profile's own role has the profile's `duration_seconds`, which no shorter one of ours would change. */
  #requestsDuration(): boolean {
    const { kind, settings, edge } = this.#options;
    const byVariables = kind === "web-identity" || (kind === "auto" && Boolean(edge.env.AWS_WEB_IDENTITY_TOKEN_FILE));
    return settings["role-arn"] !== undefined || byVariables;
  }

  /** True once per offset: a second failure with the clock corrected has another reason. */
  #correctClock({ kind, clockOffset }: UpstreamFailure): boolean {
    if (kind !== "clock" || clockOffset === undefined) return false;
    if (Math.abs(clockOffset - this.#clockOffsetMs) < CLOCK_OFFSET_MIN_MS) return false;
    this.#clockOffsetMs = clockOffset;
    return true;
  }
}
