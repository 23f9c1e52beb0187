/**
 * Headers that no AWS SDK sends and whose presence says that somebody else is asking: a proxy on behalf of another host,
 * or a browser on behalf of a page. IMDSv2 refuses forwarded requests for the same reason. By patterns rather than by
 * names, because every vendor of proxies has names of its own. Tracing headers are not among them: instrumentation adds
 * them to an SDK's own requests. Pure.
 */

/** `forwarded`: a proxy's. `browser`: a browser's. */
export type ForeignHeader = "forwarded" | "browser";

/** On names in lower case whose words are joined by dashes: CGI and some proxies write `X_Forwarded_For`. */
const patterns: readonly (readonly [pattern: RegExp, kind: ForeignHeader])[] = [
  [/forwarded|(?:^|-)forwards?(?:-|$)/, "forwarded"],
  [/^(?:via|x-via|x-proxy(?:user)?|proxy)(?:-|$)/, "forwarded"],
  // X-Real-IP, True-Client-IP, CF-Connecting-IP, X-Cluster-Client-IP, X-Remote-Addr, X-Original-URL, …
  [
    /(?:^|-)(?:client|connecting|original|originating|peer|real|remote|socket|source|user)-?(?:addr|address|host|ip|ipv6|port|proto|uri|url)(?:-|$)/,
    "forwarded",
  ],
  [/^x-rewrite-ur[il]$/, "forwarded"],
  // Reverse proxies that say which host, scheme or certificate they were asked with.
  [
    /^x-(?:backend-|http-)?host(?:-override)?$|^x-(?:scheme|ssl|tls)(?:-|$)|^l5d-|^surrogate-|^x-request-start$/,
    "forwarded",
  ],
  [/connection-ip$|bluecoat|imforwards|^x-coming-from$|^x-ali-/, "forwarded"],
  // What one product or network adds under its own name, and what CDNs share.
  [
    /^(?:x-)?(?:envoy|istio|cf|cloudfront|fastly|varnish|akamai|azure|appengine|arr|gfe|fly|vercel|cdn|nginx|haproxy|squid|traefik|kong)(?:-|$)/,
    "forwarded",
  ],
  // CloudFront; the load balancer's client certificates and sign-in.
  [/^x-amz-cf-|^x-amzn-(?:mtls|oidc)-/, "forwarded"],
  [/^(?:origin|referer|cookie|dnt|purpose|x-purpose|x-moz|upgrade-insecure-requests)$/, "browser"],
  [/^(?:sec|access-control|ping|service-worker)(?:-|$)/, "browser"],
  [/^(?:x-requested-with|save-data|viewport-width|device-memory|rtt|ect|downlink)$/, "browser"],
];

/** Requests of one pod have a few dozen names of headers. */
const MAX_KNOWN = 256;
const known = new Map<string, ForeignHeader | undefined>();

/** What a header's name says, in lower case. The answer is remembered: this is on the path of every read. */
export function foreignHeader(name: string): ForeignHeader | undefined {
  const found = known.get(name);
  if (found !== undefined || known.has(name)) return found;
  const plain = name.replace(/[^a-z\d]+/g, "-");
  const kind = patterns.find(([pattern]) => pattern.test(plain))?.[1];
  if (known.size < MAX_KNOWN) known.set(name, kind);
  return kind;
}
