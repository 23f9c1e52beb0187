/** What most likely ends a failure, for the error codes that say more than their class. In the order of matching. Pure. */
import { type CodeRow, oneOf, type Step } from "./code-row.ts";
import type { Subject } from "./failure.ts";

/** Where EKS' webhook mounts the token of the pod's service account. */
const PROJECTED_TOKEN = "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

const UNKNOWN_KEY =
  "AWS does not know the access key: it was deleted, is not active, or is of another partition; check AWS_ACCESS_KEY_ID or the profile's aws_access_key_id";

export const deniedRows: readonly CodeRow[] = [
  // What the trust policy asks of a token fails with this one, what the OIDC provider asks of it with the next.
  {
    codes: /^AccessDenied(?:Exception)?$/,
    remedy:
      "check the role's trust policy: with a web identity token its conditions must match the token's subject " +
      "(system:serviceaccount:NAMESPACE:NAME) and audience (sts.amazonaws.com); for a chained role it must name the " +
      "caller, whose own policy must allow sts:AssumeRole",
  },
  {
    codes: /^InvalidIdentityToken(?:Exception)?$/,
    when: ({ message }) => !isKeyRetrieval(message),
    remedy:
      "check the audience of the web identity token: the account's IAM OIDC provider must be the one of this cluster, " +
      "and the token's audience (sts.amazonaws.com) must be among its client IDs",
    step: () => ({ command: "aws iam list-open-id-connect-providers" }),
  },
  {
    codes: oneOf("ExpiredTokenException"),
    remedy:
      "the web identity token has expired: let AWS_WEB_IDENTITY_TOKEN_FILE name the projected volume that the kubelet " +
      "refreshes, not a copy of it; compare this node's clock as well",
    step: () => ({ line: PROJECTED_TOKEN }),
  },
  {
    codes: oneOf("ExpiredToken"),
    remedy: "the session that this role is assumed with has expired: give upstream keys that are refreshed",
  },
  {
    codes: /^IDPRejectedClaim(?:Exception)?$/,
    remedy: "the web identity token has expired or was revoked: look at the cluster's issuer and this node's clock",
  },
  { codes: oneOf("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"), remedy: UNKNOWN_KEY },
  {
    codes: oneOf("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "AuthFailure"),
    remedy:
      "the secret key does not belong to the access key: check AWS_SECRET_ACCESS_KEY or the profile's " +
      "aws_secret_access_key; this node's clock may be off as well",
  },
  {
    codes: oneOf("RegionDisabledException"),
    remedy: "STS is off in this region: activate it in the account's IAM settings, or set AWS_REGION",
    step: () => ({ command: "aws account list-regions --region-opt-status-contains ENABLED ENABLED_BY_DEFAULT" }),
  },
  {
    codes: oneOf("AssumeRoleUnauthorizedAccess"),
    remedy: "let the trust policy of the instance's role name the service ec2.amazonaws.com",
  },
  {
    codes: oneOf("InstanceProfileNotFound"),
    remedy: "the instance profile was deleted or replaced: attach one to the instance again",
  },
  {
    codes: oneOf("UnauthorizedException", "NotAuthorizedException"),
    remedy: "the SSO login has expired or was revoked: run `aws sso login` for the profile",
    step: () => ({ command: "aws sso login" }),
  },
  {
    codes: oneOf(
      "UnauthorizedAccess",
      "ForbiddenException",
      "OptInRequired",
      "NotAuthorized",
      "MissingAuthenticationToken(?:Exception)?",
      "AuthorizationPendingException",
      "AccessDeniedFault",
    ),
  },
];

/** STS could not fetch the issuer's keys, which passes; its status is 400 and its code that of a token that never will. */
function isKeyRetrieval(message: string): boolean {
  return /retrieve verification key/i.test(message);
}

const ISSUER = "let the cluster's OIDC issuer answer from the internet: STS cannot reach it, or not in time";

export const unavailableRows: readonly CodeRow[] = [
  { codes: /^IDPCommunicationError(?:Exception)?$/, remedy: ISSUER },
  { codes: /^InvalidIdentityToken(?:Exception)?$/, when: ({ message }) => isKeyRetrieval(message), remedy: ISSUER },
  { codes: /^(?:Internal(?:Failure|Error|Server(?:Error|Exception))|Service(?:Unavailable|Exception)(?:Exception)?)$/ },
  {
    codes: oneOf("EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EAGAIN", "ENOSPC", "EDQUOT", "EBUSY", "EIO", "ESTALE"),
    remedy: "this node or its file system is short of resources, or its volume is failing: look at the node",
  },
];

export const rejectedRows: readonly CodeRow[] = [
  {
    codes: /^MalformedPolicyDocument(?:Exception)?$/,
    remedy: "IAM cannot read the session policy: check SIDECAR_SESSION_POLICY",
  },
  {
    codes: /^PackedPolicyTooLarge(?:Exception)?$/,
    remedy: "session policy and tags are too large together: shorten SIDECAR_SESSION_POLICY or SIDECAR_SESSION_TAGS",
  },
  {
    codes: oneOf("ResourceNotFoundException"),
    remedy: "the SSO account or role is not assigned to this user: check sso_account_id and sso_role_name",
  },
  {
    codes: oneOf(
      "InvalidGrantException",
      "ExpiredTokenException",
      "InvalidClientException",
      "UnauthorizedClientException",
    ),
    remedy: "the SSO login can no longer be refreshed: run `aws sso login` for the profile",
    step: () => ({ command: "aws sso login" }),
  },
  {
    codes:
      /^(?:Validation(?:Error|Exception)|InvalidParameter[A-Za-z]{3,20}|MissingParameter|(?:Invalid|Missing)Action)$/,
  },
  { codes: oneOf("InvalidRequestException", "NoSuchEntity") },
];

const WHERE = "set AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE, AWS_PROFILE, or another upstream (SIDECAR_UPSTREAM)";

/** Names the file and what leads to it, the variable or the profile, whichever is known. */
export function settingsRemedy({ path, variable, profile, setting }: Subject): string {
  if (path !== undefined) return `check ${path}${variable === undefined ? "" : `, where ${variable} points`}`;
  if (variable !== undefined) return `correct ${variable} in the sidecar's environment`;
  if (profile === undefined) return WHERE;
  const what = `the profile ${JSON.stringify(profile)} in the shared AWS files`;
  if (setting === undefined) return `correct ${what}`;
  return setting === "sso_session"
    ? `correct sso_session of ${what}, or write its [sso-session] section`
    : `correct ${setting} of ${what}`;
}

/** A profile that is not there or gives nothing: the names of those that are. A token that is not where it should be. */
export function settingsStep({ path, variable, profile, setting }: Subject): Step {
  if (variable === "AWS_WEB_IDENTITY_TOKEN_FILE" && path !== undefined && !PROJECTED_TOKEN.endsWith(`=${path}`))
    return { line: PROJECTED_TOKEN };
  if (variable === "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") return { line: `${variable}=IPv4` };
  if (variable === "AWS_EC2_METADATA_SERVICE_ENDPOINT") return { line: `${variable}=http://169.254.169.254` };
  if (profile !== undefined && setting === undefined) return { command: "aws configure list-profiles" };
  return {};
}

const file = ({ path, variable }: Subject) =>
  `${path ?? "a file that the settings name"}${variable === undefined ? "" : ` (${variable})`}`;

export const settingsRows: readonly CodeRow[] = [
  {
    codes: oneOf("ENOENT", "ENOTDIR"),
    remedy: (subject) =>
      `${file(subject)} is missing: mount it into the sidecar's container, or correct what points there`,
    step: settingsStep,
  },
  {
    codes: oneOf("EACCES", "EPERM"),
    when: ({ syscall }) => !/^(?:connect|bind|sendto|getaddrinfo)/.test(syscall),
    remedy: (subject) =>
      `${file(subject)} may not be read: check fsGroup and runAsUser of the pod against the file's mode`,
  },
  {
    codes: oneOf("EISDIR", "ELOOP", "ENAMETOOLONG", "ENXIO", "ENODEV", "EINVAL", "EROFS", "ENOEXEC"),
    remedy: (subject) => `${file(subject)} is not a file that can be read: correct what points there`,
  },
  {
    codes: /^ERR_OSSL_\w+$/,
    remedy: "a certificate bundle holds no certificate that can be read: check AWS_CA_BUNDLE and NODE_EXTRA_CA_CERTS",
  },
  {
    codes: /^(?:ERR_(?:INVALID|UNESCAPED|SOCKET_BAD)_\w+|UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED))$/,
    remedy:
      "an address or header cannot be sent as it is written: check AWS_REGION, AWS_ENDPOINT_URL_STS, HTTPS_PROXY and tokens for spaces and line breaks",
  },
];
