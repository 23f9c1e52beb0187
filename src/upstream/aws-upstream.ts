/** The upstream of one identity, of any kind but the demo. */
import type { Credentials } from "../credentials.ts";
import type { Edge } from "../edge.ts";
import type { Callers } from "../policy/retry-schedule.ts";
import type { Settings } from "../settings/table.ts";
import { MINUTE, SECOND, wholeSeconds } from "../time.ts";
import { askedFor } from "./asked-for.ts";
import { type Resolved, refuseLaterLink } from "./chain.ts";
import { checkProvided } from "./check-provided.ts";
import { classify } from "./classify.ts";
import { byThisClock } from "./clock-skew.ts";
import type { UpstreamFailure } from "./failure.ts";
import { MAX_SHARED_BYTES, readTextFile } from "./files.ts";
import { textOf } from "./ini.ts";
import type { Plan } from "./plan.ts";
import type { Provided } from "./provided.ts";
import { baseOf, RequestedDuration, type SessionDuration } from "./requested-duration.ts";
import { namedProfile, type SdkKind, setUpOf } from "./resolve.ts";
import { assumeByToken, assumeRole, type PlanInput, runPlan } from "./run-plan.ts";
import { assumeRoleExtras, type Session, sessionName, sessionOf } from "./session.ts";
import type { SessionDurations } from "./session-durations.ts";
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
  /** What is known of each role, by all identities. */
  readonly durations: SessionDurations;
  /** Called at the first session whose duration is ours to set, and when it changes. */
  readonly onSessionDuration: (duration: SessionDuration) => void;
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

/** What asks nobody, or an agent of this node. A program may ask anybody. */
const ON_THE_NODE: readonly Plan["kind"][] = ["keys", "environment", "container", "imds"];

export class AwsUpstream implements Upstream {
  readonly description: string;
  readonly timeoutMs: number;
  givenFor: string | undefined;
  readonly #options: AwsUpstreamOptions;
  readonly #transports: Transports;
  readonly #regions: StsRegions;
  readonly #duration: RequestedDuration;
  /** Learned from a failed signature; a new STS client per refresh would forget it. */
  #clockOffsetMs = 0;
  /** By the last answer of this attempt that had a `Date`. */
  #measuredOffsetMs: number | undefined;
  /** The link of the chain that gave credentials last. */
  #link: number | undefined;
  #callers: Callers = "fleet";
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
    const { durations, onSessionDuration } = options;
    const { monotonicMs } = options.edge.clock;
    const wantedSeconds = wholeSeconds(settings.duration);
    this.#duration = new RequestedDuration({ wantedSeconds, durations, monotonicMs, onSessionDuration });
    this.description = `${kind}${profile === undefined ? "" : ` ${profile}`}${role === undefined ? "" : `, role ${role}`}`;
  }

  async askedFor(): Promise<string> {
    return askedFor({ ...this.#options, ...(await setUpOf(this.#options)) });
  }

  get callers(): Callers {
    return this.#callers;
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
      this.#duration.ended();
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
        if (!this.#duration.refused(thrown) && !this.#correctClock(failure)) throw failure;
      }
    }
  }

  async #fetchOnce(signal: AbortSignal, regions: AttemptRegions): Promise<Credentials> {
    const { kind, settings, edge } = this.#options;
    this.#measuredOffsetMs = undefined;
    const { files, resolved } = await setUpOf(this.#options);
    refuseLaterLink(this.#link, resolved.link);
    const name = namedProfile(this.#options.profile, edge.env) ?? "default";
    const input = await this.#planInput({
      signal,
      regions,
      profile: files.profiles.get(name),
      services: files.services,
    });
    const role = settings["role-arn"];
    const isChained = role !== undefined && kind !== "web-identity";
    this.#callers = ON_THE_NODE.includes(resolved.plan.kind) ? "node" : "fleet";
    const first = await this.#run(resolved, input, isChained);
    if (isChained) this.#callers = "fleet";
    const last = isChained ? await this.#assume(role, { first, plan: resolved.plan, input }) : first;
    const credentials = checkProvided(last, isChained ? undefined : resolved.plan);
    this.#link = resolved.link;
    this.givenFor = askedFor({ ...this.#options, files, resolved });
    this.#duration.answered();
    if (regions.answer !== undefined) this.#options.onStsAnswer(regions.answer);
    return byThisClock(credentials, this.#measuredOffsetMs);
  }

  /** The session's limits are for the role at the end of the chain, not for what it is assumed with. */
  async #run({ plan, byVariables }: Resolved, input: PlanInput, isChained: boolean): Promise<Provided> {
    if (plan.kind !== "web-identity" || !byVariables) return await runPlan(plan, input);
    return await assumeByToken(plan, input, isChained ? {} : this.#session(this.#duration.ask(plan.roleArn, "role")));
  }

  /** The role of `SIDECAR_ROLE_ARN`, with what `plan` gave. */
  async #assume(role: string, { first, plan, input }: { first: Provided; plan: Plan; input: PlanInput }) {
    const session = this.#session(this.#duration.ask(role, baseOf(plan, first)));
    return await assumeRole(role, { ...session, ...assumeRoleExtras(this.#options.settings) }, first, input);
  }

  #session(durationSeconds: number): Session {
    return sessionOf(this.#options.settings, this.#options.edge, durationSeconds);
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

  /** True once per offset: a second failure with the clock corrected has another reason. */
  #correctClock({ kind, clockOffset }: UpstreamFailure): boolean {
    if (kind !== "clock" || clockOffset === undefined) return false;
    if (Math.abs(clockOffset - this.#clockOffsetMs) < CLOCK_OFFSET_MIN_MS) return false;
    this.#clockOffsetMs = clockOffset;
    return true;
  }
}
