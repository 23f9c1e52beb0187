/** What most likely ends a failure of upstream, in words for the pod's author. Pure. */
import { type FailureKind, failureKinds } from "./failure.ts";

/** By upstream's own error code, where it says more than the class does. */
const byCode: Readonly<Record<string, string>> = {
  // What the trust policy asks of a token fails with this one, what the OIDC provider asks of it with the next.
  AccessDenied:
    "check the role's trust policy: with a web identity token its conditions must match the token's subject " +
    "(system:serviceaccount:NAMESPACE:NAME) and audience (sts.amazonaws.com); for a chained role it must name the " +
    "caller, whose own policy must allow sts:AssumeRole",
  InvalidIdentityToken:
    "check the audience of the web identity token: the account's IAM OIDC provider must be the one of this cluster, " +
    "and the token's audience (sts.amazonaws.com) must be among its client IDs",
  ExpiredTokenException:
    "the web identity token has ended: AWS_WEB_IDENTITY_TOKEN_FILE must be the projected volume that the kubelet " +
    "renews, not a copy of it; compare this node's clock as well",
  ExpiredToken: "the session that this role is assumed with has ended: give upstream keys that are renewed",
  IDPRejectedClaim:
    "the web identity token has ended or was revoked: look at the cluster's issuer and this node's clock",
  IDPCommunicationError: "STS cannot ask the cluster's OIDC issuer: its address must be public and answer in time",
  InvalidClientTokenId: "AWS does not know the access key: it was deleted, is not active, or is of another partition",
  UnrecognizedClientException:
    "AWS does not know the access key: it was deleted, is not active, or is of another partition",
  SignatureDoesNotMatch: "the secret key does not belong to the access key, or this node's clock is off",
  RegionDisabledException: "STS is off in this region: activate it in the account's IAM settings, or set AWS_REGION",
  MalformedPolicyDocument: "IAM cannot read the session policy: check SIDECAR_SESSION_POLICY",
  PackedPolicyTooLarge:
    "session policy and tags are too large together: shorten SIDECAR_SESSION_POLICY or SIDECAR_SESSION_TAGS",
  ENOTFOUND: "DNS does not know the name: check AWS_REGION, AWS_ENDPOINT_URL_STS, HTTPS_PROXY and the pod's DNS",
  EAI_AGAIN: "DNS does not answer: check the pod's DNS settings and the network policy towards it",
  ECONNREFUSED:
    "nothing listens there: check AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_EC2_METADATA_SERVICE_ENDPOINT, " +
    "AWS_ENDPOINT_URL_STS and HTTPS_PROXY",
  UND_ERR_ABORTED: "the proxy refused to pass the request on: check HTTPS_PROXY, or name the host in NO_PROXY",
  ENOENT: "a file is missing where AWS_WEB_IDENTITY_TOKEN_FILE, AWS_CONFIG_FILE or a profile points: check the volume",
  EACCES: "a file may not be read: check fsGroup and runAsUser of the pod against the file's mode",
};

/** Node's names for a certificate that nobody vouches for. */
const untrusted: readonly string[] = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
];

const byKind: Readonly<Record<FailureKind, string>> = {
  denied:
    "STS: check the role's trust policy, the audience of the web identity token, and sts:AssumeRole of the caller; an agent or IMDS: check its token (AWS_CONTAINER_AUTHORIZATION_TOKEN or its file) and whether this pod may ask it",
  throttled: "too many callers ask STS in this account and region; longer sessions (SIDECAR_DURATION) make fewer calls",
  unreachable: "check DNS, HTTPS_PROXY and NO_PROXY, AWS_ENDPOINT_URL_STS, and egress network policies",
  timeout:
    "something drops packets: check egress network policies, the VPC endpoint's security group, and the hop limit of IMDS",
  malformed: "what answered is not an AWS endpoint: check AWS_ENDPOINT_URL_STS, the container URI and proxies",
  expired: "compare this node's clock with upstream's, and look at how long upstream keeps its sessions",
  rejected:
    "STS: check the role's ARN, the session policy, and the region (STS may be off in it); an agent or IMDS (404): check whether this node, task or pod has a role, and the path of the URI",
  unavailable: "upstream is having trouble of its own; the sidecar goes on trying",
  "not-configured":
    "set AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, AWS_PROFILE, or another upstream (SIDECAR_UPSTREAM)",
};

/** The likely cure for a failure of this class, more exact where upstream's own code is known. */
export function remedyFor(kind: FailureKind, upstreamCode?: string): string {
  if (upstreamCode === undefined) return byKind[kind];
  if (untrusted.includes(upstreamCode))
    return "the certificate is not trusted: mount the proxy's or endpoint's CA and set NODE_EXTRA_CA_CERTS to its path";
  return Object.hasOwn(byCode, upstreamCode) ? (byCode[upstreamCode] ?? byKind[kind]) : byKind[kind];
}

/** Whether a word from elsewhere is one of the classes. */
export function isFailureKind(word: string): word is FailureKind {
  return (failureKinds as readonly string[]).includes(word);
}
