/**
 * Where a User-Agent names the version. If it names several programs, the one that reads credentials counts: botocore
 * inside boto3, the .NET SDK after what others put in front of it.
 */
const VERSIONS: readonly RegExp[] = [
  /\b[Bb]otocore[/#](\d[\d.]{0,15})/,
  /\baws-sdk-dotnet[\w-]*\/(\d[\d.]{0,15})/,
  /^ ?[A-Za-z][\w.-]{0,31}\/(\d[\d.]{0,15})(?![\w.])/,
];

/** Agents of an HTTP library alone, whose version is not that of the client that uses it. */
const LIBRARY = /^(?:Go-http-client|python-urllib3|okhttp| ?GuzzleHttp|Python)\//;

/** The version of a client, in digits and dots alone: the rest of a User-Agent is whatever the caller likes. */
export function versionIn(agent: string | undefined): string | undefined {
  if (agent === undefined || LIBRARY.test(agent)) return undefined;
  for (const pattern of VERSIONS) {
    const version = pattern.exec(agent)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
