/** The AWS Common Runtime: it has no service client, so the program signs by its default chain and sends by itself. */
import { auth, http } from "aws-crt";
import about from "aws-crt/package.json" with { type: "json" };
import { run } from "./measure.js";

const target = new URL("/bucket/key", process.env.TARGET_URL);
const signing = {
  algorithm: auth.AwsSigningAlgorithm.SigV4,
  signature_type: auth.AwsSignatureType.HttpRequestViaHeaders,
  provider: auth.AwsCredentialsProvider.newDefault(),
  region: process.env.AWS_REGION,
  service: "s3",
  signed_body_header: auth.AwsSignedBodyHeaderType.XAmzContentSha256,
};

run("crt", about.version, async () => {
  const request = new http.HttpRequest("GET", target.pathname, new http.HttpHeaders([["Host", target.host]]));
  const { headers } = await auth.aws_sign_request(request, signing);
  const response = await fetch(target, { headers: Object.fromEntries(headers) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body}`);
});
