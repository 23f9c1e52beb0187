#!/usr/bin/env bash
# A credential_process for jobs of GitHub Actions: a new token of the job, exchanged for a session. The sidecar runs it at
# each refresh. Needs `permissions: { id-token: write }`, AWS_ROLE_ARN, and curl, jq and the AWS CLI, which GitHub's runners have.
set -euo pipefail

token=$(curl --silent --show-error --fail --max-time 10 --header @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" \
  <<<"Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" | jq --raw-output --exit-status .value)

# Without the configuration that leads here: the CLI would run this program to sign, although nothing is signed.
env --unset=AWS_PROFILE AWS_CONFIG_FILE=/dev/null aws sts assume-role-with-web-identity --no-sign-request --output json \
  ${AWS_ENDPOINT_URL_STS:+--endpoint-url "$AWS_ENDPOINT_URL_STS"} \
  --role-arn "$AWS_ROLE_ARN" --role-session-name "github-$GITHUB_RUN_ID" --web-identity-token "$token" |
  jq '{Version: 1} + (.Credentials | {AccessKeyId, SecretAccessKey, SessionToken, Expiration})'
