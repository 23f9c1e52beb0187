/** Identifies clients by their requests. A guess is good enough for a metric; only certainty may change an answer. */
import { type Client, type ClientName, findClient, type Protocol } from "./clients.ts";

/** The headers that tell clients apart. */
export interface Marks {
  readonly userAgent: string | undefined;
  readonly accept: string | undefined;
  /** True when the request carries `Amz-Sdk-Request`. */
  readonly sdkRequest: boolean;
}

/** `certain` clients may be padded. A `likely` one is only counted under its name, an `unknown` one under its family's. */
export type Recognition =
  | { readonly kind: "certain"; readonly client: Client; readonly name: string }
  | { readonly kind: "likely"; readonly client: Client; readonly name: string }
  | { readonly kind: "unknown"; readonly name: string };

type Rule = readonly [agent: RegExp, name: ClientName, certainty: "certain" | "likely"];

/**
 * `certain` asks for two things: nobody else sends this agent, and the application cannot choose a smaller window.
 * Java v1 and v2 have theirs as constants; Go and C++ let the application build the provider with one of its own.
 */
const containerRules: readonly Rule[] = [
  [/^aws-sdk-java\/1\.(?:[0-9]|1[01])\.\d/, "java-v1.11", "certain"],
  [/^aws-sdk-java\/1\.\d/, "java-v1", "certain"],
  [/^aws-sdk-java\/2\.\S+ ./, "java-v2", "certain"],
  [/^aws-sdk-go\/1\./, "go-v1", "likely"],
  [/^aws-sdk-nodejs\/2\./, "js-v2", "likely"],
  [/^aws-sdk-crt\/ecs-credentials-provider$/, "crt", "likely"],
  [/^aws-sdk-cpp\//, "cpp", "likely"],
  [/\baws-sdk-dotnet[\w-]*\/3\./, "dotnet-v3", "likely"],
  [/\baws-sdk-dotnet/, "dotnet-v4", "likely"],
  [/^aws-fluent-bit-plugin/, "fluent-bit", "likely"],
  [/^s3fs\//, "s3fs", "likely"],
  [/^object_store\//, "object-store", "likely"],
  // polars gives object_store an agent of its own.
  [/^polars\//, "object-store", "likely"],
  [/^GDAL\//, "gdal", "likely"],
  [/^fog-core\//, "fog-aws", "likely"],
];

const imdsRules: readonly Rule[] = [
  [/^aws-sdk-java\/1\.(?:[0-9]|1[01])\.\d/, "java-v1.11", "certain"],
  [/^aws-sdk-java\/1\.\d/, "java-v1", "likely"],
  [/^aws-sdk-java\/2\./, "java-v2", "likely"],
  [/^(?:Botocore|Boto3|aiobotocore|aws-cli)\//, "botocore", "likely"],
  [/^aws-sdk-go\/1\./, "go-v1", "likely"],
  [/^aws-sdk-go-v2\//, "go-v2", "likely"],
  [/^aws-sdk-rust\//, "rust", "likely"],
  [/^aws-sdk-crt\/aws-imds-client$/, "crt", "likely"],
  [/^aws-sdk-cpp\//, "cpp", "likely"],
  [/\baws-sdk-dotnet[\w-]*\/3\./, "dotnet-v3", "likely"],
  [/\baws-sdk-dotnet/, "dotnet-v4", "likely"],
  [/^aws-sdk-php\/3\./, "php", "likely"],
  [/^aws-sdk-ruby3\//, "ruby", "likely"],
  [/^aws-sdk-kotlin\//, "kotlin", "likely"],
  [/^aws-sdk-swift/, "swift", "likely"],
  [/^s3fs\//, "s3fs", "likely"],
  [/^aws-fluent-bit-plugin/, "fluent-bit", "likely"],
  [/^object_store\//, "object-store", "likely"],
  // polars gives object_store an agent of its own.
  [/^polars\//, "object-store", "likely"],
  [/^GDAL\//, "gdal", "likely"],
  [/^fog-core\//, "fog-aws", "likely"],
];

/** Agents of a language's HTTP client: a name for the family, because many programs send them. */
const families: readonly (readonly [agent: RegExp, name: string])[] = [
  [/^python-urllib3\//, "python-urllib3"],
  [/^Python\/\S+ aiohttp\//, "aiohttp"],
  [/^Ruby$/, "ruby-net-http"],
  [/^okhttp\//, "okhttp"],
  [/^ ?GuzzleHttp\//, "guzzle"],
  [/^Go-http-client\//, "go-http"],
  [/^python-httpx\//, "python-httpx"],
  [/^Symfony HttpClient/, "symfony"],
  [/^rclone\//, "rclone"],
  [/^curl\//, "curl"],
];

/** Which client sent a request, as far as its headers tell. The names are few, so that a metric may carry them. */
export function recognize(protocol: Protocol, marks: Marks): Recognition {
  const agent = marks.userAgent ?? "";
  const rules = protocol === "container" ? containerRules : imdsRules;
  for (const [pattern, name, kind] of rules) {
    if (pattern.test(agent)) return named(kind, name);
  }
  // Go v2 drops its own agent on the container protocol, but keeps this header.
  if (marks.sdkRequest && agent.startsWith("Go-http-client/")) return named("likely", "go-v2");
  const family = families.find(([pattern]) => pattern.test(agent));
  if (family !== undefined) return { kind: "unknown", name: family[1] };
  if (agent !== "") return { kind: "unknown", name: "other" };
  return { kind: "unknown", name: agentless(protocol, marks.accept) };
}

/** Without an agent: Rust sends `Accept: application/json`, JS v3 not even that (container); on IMDS both versions of JS send neither. */
function agentless(protocol: Protocol, accept: string | undefined): string {
  if (protocol === "imds") return "no-agent";
  return accept === undefined ? "no-agent-no-accept" : "no-agent";
}

function named(kind: "certain" | "likely", name: ClientName): Recognition {
  const client = findClient(name);
  if (client === undefined) return { kind: "unknown", name: "other" };
  return { kind, client, name };
}
