import assert from "node:assert/strict";
import { test } from "node:test";
import { versionIn } from "../../src/telemetry/agent-version.ts";

const agents: readonly (readonly [agent: string | undefined, version: string | undefined])[] = [
  ["aws-sdk-java/1.11.546 Linux/6.1.0 OpenJDK_64-Bit_Server_VM/17.0.11+9", "1.11.546"],
  ["python-urllib3/2.7.0", undefined],
  ["Python/3.11 aiohttp/3.14.5", undefined],
  ["Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1", "1.44.5"],
  ["aiobotocore/3.10.0 md/Botocore#1.43.117 ua/2.1", "1.43.117"],
  ["lib/x aws-sdk-dotnet-coreclr/4.0.0 ua/2.1", "4.0.0"],
  [" GuzzleHttp/7", undefined],
  ["okhttp/5.1.0", undefined],
  ["Go-http-client/1.1", undefined],
  ["aws-sdk-go-v2/1.41.7 ua/2.1", "1.41.7"],
  ["aws-sdk-crt/ecs-credentials-provider", undefined],
  ["Ruby", undefined],
  ["", undefined],
  [undefined, undefined],
  ["curl/8.9.1-DEV", "8.9.1"],
  ["x/1<script>", "1"],
  [`x/${"1".repeat(500)}`, undefined],
];

for (const [agent, version] of agents) {
  test(`finds ${version ?? "no version"} in ${JSON.stringify(agent?.slice(0, 60))}`, () => {
    assert.equal(versionIn(agent), version);
  });
}
