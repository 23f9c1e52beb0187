/** The AWS SDK for JavaScript v2. */
import aws from "aws-sdk";
import { run } from "./measure.js";

const sts = new aws.STS({ endpoint: process.env.TARGET_URL, maxRetries: 0 });
run("js-v2", aws.VERSION, () => sts.getCallerIdentity().promise());
