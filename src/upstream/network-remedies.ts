/** What most likely ends a failure of DNS, of a connection or of TLS. In the order of matching. Pure. */
import { type CodeRow, oneOf, type Step } from "./code-row.ts";
import type { Subject } from "./failure.ts";

const host = (subject: Subject) => subject.host ?? "the name";
const asked = (subject: Subject) => (subject.host === undefined ? "" : ` of ${subject.host}`);
/** What a shell reads as one word, and nothing else. */
const PLAIN_HOST = /^[a-z\d][a-z\d.-]*(?::\d+)?$/i;

/** Asks the host as the sidecar does, from wherever the command runs. Nobody serves TLS on a loopback or link-local address. */
export function tryIt({ host: name = "" }: Subject): Step {
  if (!PLAIN_HOST.test(name)) return {};
  const scheme = /^(?:127\.|169\.254\.|localhost\b)/.test(name) ? "http" : "https";
  return { command: `curl --verbose --max-time 5 ${scheme}://${name}/` };
}

function lookUp({ host: name = "" }: Subject): Step {
  return PLAIN_HOST.test(name) ? { command: `nslookup ${name.replace(/:\d+$/, "")}` } : {};
}

function showCertificate({ host: name = "" }: Subject): Step {
  const [, host, port = "443"] = /^([^:]+)(?::(\d+))?$/.exec(name) ?? [];
  if (!PLAIN_HOST.test(name) || host === undefined) return {};
  return { command: `openssl s_client -connect ${host}:${port} -servername ${host} </dev/null` };
}

const UNTRUSTED = "mount the proxy's or endpoint's CA and set NODE_EXTRA_CA_CERTS (or AWS_CA_BUNDLE) to its path";

export const networkRows: readonly CodeRow[] = [
  {
    codes: oneOf("ENOTFOUND", "ENODATA", "ENONAME", "EAI_NONAME", "EAI_NODATA", "EBADNAME"),
    remedy: (subject) =>
      `DNS does not know ${host(subject)}: check AWS_REGION, AWS_ENDPOINT_URL_STS, HTTPS_PROXY and the pod's DNS`,
    step: lookUp,
  },
  {
    codes:
      /^(?:EAI_\w+|ESERVFAIL|EREFUSED|EFORMERR|ENOTIMP|EBAD(?:RESP|QUERY|FAMILY|STR|FLAGS|HINTS)|ENOTINITIALIZED|EOF|EFILE|EDESTRUCTION|ECANCELLED|ELOADIPHLPAPI|EADDRGETNETWORKPARAMS)$/,
    remedy: (subject) =>
      `DNS does not answer for ${host(subject)}: check the pod's DNS settings and the network policy towards it`,
    step: lookUp,
  },
  {
    codes: oneOf("ECONNREFUSED"),
    remedy: (subject) =>
      `nothing listens ${subject.host === undefined ? "there" : `at ${subject.host}`}: check ${
        subject.variable ??
        "AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_ENDPOINT_URL_STS and HTTPS_PROXY"
      }`,
    step: tryIt,
  },
  {
    codes: oneOf("UND_ERR_ABORTED", "UND_ERR_PRX_TLS", "UND_ERR_SOCKS5"),
    remedy: "the proxy refused to pass the request on: check HTTPS_PROXY, or name the host in NO_PROXY",
  },
  {
    codes: oneOf("CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "CRL_HAS_EXPIRED", "CRL_NOT_YET_VALID"),
    remedy: (subject) => `the certificate${asked(subject)} is not valid now: renew it, or set this node's clock`,
    step: showCertificate,
  },
  {
    codes: oneOf("ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"),
    remedy: (subject) =>
      `the certificate is not one${asked(subject)}: check AWS_ENDPOINT_URL_STS, HTTPS_PROXY and what intercepts TLS`,
    step: showCertificate,
  },
  {
    codes:
      /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)\w*|CERT_UNTRUSTED)$/,
    remedy: (subject) => `the certificate${asked(subject)} is not trusted: ${UNTRUSTED}`,
    step: showCertificate,
  },
  {
    // The rest of what Node names after OpenSSL's X509_V_ERR_… (node:tls, "X509 certificate error codes").
    codes: oneOf(
      "CERT_(?:CHAIN_TOO_LONG|REVOKED|REJECTED|SIGNATURE_FAILURE)",
      "CRL_SIGNATURE_FAILURE",
      "ERROR_IN_\\w+_FIELD",
      "INVALID_(?:CA|PURPOSE)",
      "PATH_LENGTH_EXCEEDED",
      "UNABLE_TO_(?:DECRYPT|DECODE|GET_CRL)\\w*",
      "OUT_OF_MEM",
    ),
    remedy: (subject) => `the certificate${asked(subject)} is faulty: look at what serves it; ${UNTRUSTED}`,
    step: showCertificate,
  },
  {
    codes: /^(?:EPROTO|ERR_(?:SSL|TLS)_\w+)$/,
    remedy: (subject) =>
      `no TLS session could be opened${subject.host === undefined ? "" : ` with ${subject.host}`}: check that the address is https, and the proxy between`,
    step: showCertificate,
  },
  {
    codes: oneOf("EACCES", "EPERM"),
    when: ({ syscall }) => /^(?:connect|bind|sendto|getaddrinfo)/.test(syscall),
    remedy: "a firewall or a network policy of this node refuses the connection: allow the pod's egress",
  },
  {
    codes: oneOf(
      "ECONN(?:RESET|ABORTED)",
      "EHOST(?:UNREACH|DOWN)",
      "ENET(?:UNREACH|DOWN|RESET)",
      "EADDRNOTAVAIL",
      "EAFNOSUPPORT",
      "EPIPE",
      "ENOTCONN",
      "ESHUTDOWN",
      "UND_ERR_(?:SOCKET|CLOSED|DESTROYED|INFO|BPL_MISSING_UPSTREAM|MAX_ORIGINS_REACHED|INVALID_RETURN_VALUE)",
      "ERR_SOCKET_CLOSED",
    ),
  },
];
