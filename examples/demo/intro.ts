/** What the demo says first: what to paste, and what of this machine's own would win over it. Pure. */

import { type BotoFile, NO_BOTO_FILE } from "../../src/commands/boto-file.ts";
import { SHADOWING } from "../../src/commands/exec/environment.ts";
import { hasCredentials, type SharedProfiles } from "../../src/commands/exec/profile-settings.ts";

export interface IntroInput {
  /** `http://HOST:PORT` of the credentials, and of the admin listener. */
  readonly url: string;
  readonly admin: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly shared: Pick<SharedProfiles, "profiles">;
  /** Of this machine, where botocore would read it first. */
  readonly boto: BotoFile | undefined;
}

export function intro(input: IntroInput): string {
  const { url, admin } = input;
  const page = admin === undefined ? "" : `Open ${admin}/ : the status page, which shows all of this live.\n\n`;
  return `The sidecar serves made-up 15-minute credentials, which AWS does not know.

${page}In another terminal:

${winners(input)}  export AWS_CONTAINER_CREDENTIALS_FULL_URI=${url}/v1/credentials
  aws configure list                               # or any program that uses an AWS SDK
  curl "$AWS_CONTAINER_CREDENTIALS_FULL_URI"       # what they read
  for i in $(seq 60); do curl -s "$AWS_CONTAINER_CREDENTIALS_FULL_URI" >/dev/null; done
  curl ${url}/v1/for/botocore-1/credentials   # as boto3, named in the path: it is told more, and reads less

Ctrl-C stops it and sums up.

`;
}

/** Lines that take away what every SDK would take before the sidecar's credentials. */
function winners({ env, shared: { profiles }, boto }: IntroInput): string {
  const set = SHADOWING.filter((name) => env[name]);
  const shared = hasCredentials(profiles.get("default"));
  const why = [
    ...set,
    ...(shared ? ["the default profile in ~/.aws"] : []),
    ...(boto === undefined ? [] : [boto.path]),
  ];
  if (why.length === 0) return "";
  const lines = [
    `  # ${why.join(", ")} would win over the demo, so first:`,
    ...(set.length > 0 ? [`  unset ${set.join(" ")}`] : []),
    ...(shared ? ["  export AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_CONFIG_FILE=/dev/null"] : []),
    ...(boto === undefined ? [] : [`  export ${NO_BOTO_FILE}`]),
  ];
  return `${lines.join("\n")}\n`;
}
