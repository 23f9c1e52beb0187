/** An application on the AWS SDK for JavaScript v2, as anybody would write it: it knows nothing of a sidecar. */
import AWS from "aws-sdk";

const rounds = Number(process.argv[2]);
// Version 2 does not read AWS_ENDPOINT_URL.
const endpoint = process.env.AWS_ENDPOINT_URL;
const options = endpoint === undefined ? {} : { endpoint };
const s3 = new AWS.S3(options);
const sts = new AWS.STS(options);
for (let round = 0; round < rounds; round += 1) {
  await Promise.all([s3.listBuckets().promise(), sts.getCallerIdentity().promise()]);
}
