/** minio-js, by its IAM provider: what it has of a default chain. */
import { buffer } from "node:stream/consumers";
import { Client, IamAwsProvider } from "minio";
import about from "minio/package.json" with { type: "json" };
import { run } from "./measure.js";

const target = new URL(process.env.TARGET_URL);
const client = new Client({
  endPoint: target.hostname,
  port: Number(target.port),
  useSSL: false,
  region: process.env.AWS_REGION,
  // It does not read this variable.
  credentialsProvider: new IamAwsProvider({ customEndpoint: process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT }),
  retryOptions: { disableRetry: true },
});

run("minio-js", about.version, async () => {
  await buffer(await client.getObject("bucket", "key"));
});
