/** A client program in the form of `conformance/clients/README.md`, for tests of the harness: JavaScript v3, STS. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const { TARGET_URL = "", REQUESTS = "1", PRINT } = process.env;
const client = new STSClient({ endpoint: TARGET_URL, maxAttempts: 1 });
let failed = 0;
let firstError: string | null = null;
for (let count = 0; count < Number(REQUESTS); count += 1) {
  try {
    await client.send(new GetCallerIdentityCommand({}));
  } catch (error) {
    failed += 1;
    firstError ??= String(error);
  }
}
const line = { client: "test", version: "0", requests: Number(REQUESTS), failed, p50Ms: 1, p99Ms: 1, firstError };
const times = { firstErrorAtMs: null, lastErrorAtMs: null, firstSuccessAtMs: null };
process.stdout.write(PRINT ?? `${JSON.stringify({ ...line, ...times })}\n`);
