/** An application on the AWS SDK for JavaScript v3, as anybody would write it: it knows nothing of a sidecar. */
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const rounds = Number(process.argv[2]);
const s3 = new S3Client();
const sts = new STSClient();
for (let round = 0; round < rounds; round += 1) {
  await Promise.all([s3.send(new ListBucketsCommand()), sts.send(new GetCallerIdentityCommand())]);
}
