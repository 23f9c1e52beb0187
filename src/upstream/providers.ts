/** From settings to one of the SDK's credential providers. */
import * as sdk from "@aws-sdk/credential-providers";
import type { Edge } from "../edge.ts";
import type { Settings, UpstreamKind } from "../settings/table.ts";
import { NEARBY, nearby, type Provider, silent } from "./nearby.ts";
import { assumeRoleExtras, type Session, sessionOf, stsRegion } from "./session.ts";
import type { Transport } from "./transport.ts";

export interface ProviderInput {
  readonly kind: Exclude<UpstreamKind, "demo">;
  /** The AWS profile to read; undefined leaves it to `AWS_PROFILE`. */
  readonly profile: string | undefined;
  readonly settings: Settings;
  readonly edge: Edge;
  readonly transport: Transport;
  readonly durationS: number;
  /** STS's clock less ours, in ms. */
  readonly clockOffset: number;
}

/** A provider for one renewal: one that is kept remembers answers, token files and profiles. */
export function createProvider(input: ProviderInput): Provider {
  const { kind, settings, edge, durationS } = input;
  const roleArn = settings["role-arn"];
  const session = sessionOf(settings, edge, durationS);
  if (kind === "web-identity") return webIdentity(input, session, roleArn);
  if (roleArn === undefined) return base(input, session);
  // The session's limits are for the role at the end of the chain, not for what it is assumed with.
  const { RoleSessionName } = session;
  return sdk.fromTemporaryCredentials({
    masterCredentials: base(input, { RoleSessionName }),
    params: { RoleArn: roleArn, ...session, ...assumeRoleExtras(settings) },
    clientConfig: clientConfig(input),
    logger: silent,
  });
}

function base(input: ProviderInput, session: Partial<Session>): Provider {
  const { kind } = input;
  const init = profileInit(input);
  switch (kind) {
    case "auto":
    case "assume-role":
      return defaultChain(input, init, session);
    case "web-identity":
      return webIdentity(input, session, undefined);
    case "imds":
    case "container":
      return nearby(kind);
    case "profile":
      return sdk.fromIni(init);
    case "process":
      return sdk.fromProcess(init);
    case "sso":
      return sdk.fromSSO(init);
    case "environment":
      return sdk.fromEnv({ logger: silent });
  }
}

/** What the providers that read the shared files take. */
function profileInit(input: ProviderInput) {
  const { profile } = input;
  const { region, ...config } = clientConfig(input);
  return {
    // A region here would send the SSO client past the profile's `sso_region`.
    clientConfig: config,
    parentClientConfig: region === undefined ? {} : { region },
    // The SDK would make a client of its own for these, with retries and without the proxy.
    roleAssumerWithWebIdentity: (role: AssumedByToken) => webToken(input, role),
    // For `credential_source`.
    ...NEARBY,
    logger: silent,
    ignoreCache: true,
    ...(profile && { profile }),
  };
}

interface AssumedByToken {
  readonly RoleArn: string;
  readonly RoleSessionName?: string;
  readonly WebIdentityToken: string;
}

async function webToken(input: ProviderInput, { RoleArn, RoleSessionName, WebIdentityToken }: AssumedByToken) {
  const roleSessionName = RoleSessionName ?? sessionOf(input.settings, input.edge, input.durationS).RoleSessionName;
  return await sdk.fromWebToken({
    clientConfig: clientConfig(input),
    logger: silent,
    roleArn: RoleArn,
    roleSessionName,
    webIdentityToken: WebIdentityToken,
  })();
}

/**
 * The SDK's default chain, link by link: its own `fromNodeProviderChain` remembers answers, and asks a failing
 * container endpoint twice.
 */
function defaultChain(
  input: ProviderInput,
  init: Parameters<typeof sdk.fromIni>[0],
  session: Partial<Session>,
): Provider {
  const { env } = input.edge;
  const profile = input.profile ?? env.AWS_PROFILE;
  const container = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  const imds = /^(?:false)?$/i.test(env.AWS_EC2_METADATA_DISABLED ?? "");
  return sdk.createCredentialChain(
    ...(profile ? [] : [sdk.fromEnv({ logger: silent })]),
    profileOrNone(init),
    webIdentity(input, session, undefined),
    ...(container || imds ? [nearby(container ? "container" : "imds")] : []),
  );
}

/**
 * The profile, its program and its roles included. One that is there and fails ends the chain: the next link would be
 * another role, such as the node's, in the place of the application's.
 */
function profileOrNone(init: Parameters<typeof sdk.fromIni>[0]): Provider {
  const profile = sdk.fromIni(init);
  return async () => {
    try {
      return await profile();
    } catch (thrown) {
      const { message = "" } = thrown as Error;
      if (!NO_PROFILE.test(message)) Object.assign(thrown as Error, { tryNextLink: false });
      throw thrown;
    }
  };
}

/** What the SDK says of a profile that is in neither of the shared files, or has nothing in it that gives credentials. */
const NO_PROFILE = /^Could not resolve credentials using profile/;

function webIdentity(input: ProviderInput, session: Partial<Session>, roleArn: string | undefined): Provider {
  const { RoleSessionName: roleSessionName, DurationSeconds: durationSeconds, Policy, PolicyArns } = session;
  return sdk.fromTokenFile({
    clientConfig: clientConfig(input),
    logger: silent,
    ...(roleSessionName === undefined ? {} : { roleSessionName }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(Policy === undefined ? {} : { policy: Policy }),
    ...(PolicyArns === undefined ? {} : { policyArns: PolicyArns }),
  });
}

/** One attempt per call: the credential cache's schedule is the only one. */
function clientConfig({ settings, edge, transport, clockOffset }: ProviderInput) {
  const region = stsRegion(settings, edge);
  return {
    requestHandler: transport,
    maxAttempts: 1,
    systemClockOffset: clockOffset,
    ...(region === undefined ? {} : { region }),
  };
}
