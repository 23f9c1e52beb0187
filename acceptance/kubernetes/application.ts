/** An application with an AWS SDK, which knows nothing of a sidecar: says whose credentials it found. */
import { fromNodeProviderChain } from "@aws-sdk/credential-providers";

const { accessKeyId } = await fromNodeProviderChain()();
process.stdout.write(accessKeyId);
