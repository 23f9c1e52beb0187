/** The AWS SDK for JavaScript v3. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import about from "@aws-sdk/client-sts/package.json" with { type: "json" };
import { run } from "./measure.js";

const sts = new STSClient({ endpoint: process.env.TARGET_URL, maxAttempts: 1 });
run("js-v3", about.version, () => sts.send(new GetCallerIdentityCommand()));
