import assert from "node:assert/strict";
import { test } from "node:test";
import { findClient, type Protocol } from "../../src/policy/clients.ts";
import { type Marks, recognize } from "../../src/policy/identification.ts";

const JVM = "Linux/6.1.0 OpenJDK_64-Bit_Server_VM/17.0.11+9 java/17.0.11";

interface Row {
  readonly sender: string;
  readonly protocol: Protocol;
  readonly agent?: string;
  readonly accept?: string;
  readonly sdkRequest?: boolean;
  readonly kind: "certain" | "likely" | "unknown";
  readonly name: string;
}

/** What each SDK sends as its source or a recorded request has it. */
const sent: readonly Row[] = [
  row("Java v1, 2019", "container", `aws-sdk-java/1.11.546 ${JVM}`, "certain", "java-v1.11"),
  row("Java v1, 2015", "container", `aws-sdk-java/1.9.40 ${JVM}`, "certain", "java-v1.11"),
  row("Java v1, its last minor", "container", `aws-sdk-java/1.12.780 ${JVM}`, "certain", "java-v1"),
  row("Java v2", "container", `aws-sdk-java/2.25.60 ${JVM} vendor/Eclipse_Adoptium`, "certain", "java-v2"),
  row("Go v1", "container", "aws-sdk-go/1.55.6 (go1.24.4; linux; amd64)", "likely", "go-v1"),
  { ...row("Go v2", "container", "Go-http-client/1.1", "likely", "go-v2"), sdkRequest: true },
  row("JavaScript v2", "container", "aws-sdk-nodejs/2.1693.0 linux/v20.20.2", "likely", "js-v2"),
  row("the CRT", "container", "aws-sdk-crt/ecs-credentials-provider", "likely", "crt"),
  row("C++", "container", "aws-sdk-cpp/1.11.400 ua/2.1 api/S3 os/Linux lang/c++#C++11", "likely", "cpp"),
  row(".NET", "container", "aws-sdk-dotnet-coreclr/3.7.400 ua/2.0 os/linux", "likely", "dotnet-v3"),
  row("fluent-bit", "container", "aws-fluent-bit-plugin-k8s", "likely", "fluent-bit"),
  row("s3fs", "container", "s3fs/1.97 (commit hash 1234567; OpenSSL)", "likely", "s3fs"),
  row("object_store", "container", "object_store/0.14.0", "likely", "object-store"),
  { sender: "JavaScript v3", protocol: "container", kind: "unknown", name: "no-agent-no-accept" },
  { sender: "Rust", protocol: "container", accept: "application/json", kind: "unknown", name: "no-agent" },
  row("botocore", "container", "python-urllib3/2.7.0", "unknown", "python-urllib3"),
  row("Ruby", "container", "Ruby", "unknown", "ruby-net-http"),
  row("Kotlin", "container", "okhttp/5.1.0", "unknown", "okhttp"),
  row("PHP", "container", "GuzzleHttp/7", "unknown", "guzzle"),
  row("PHP, appended to an empty agent", "container", " GuzzleHttp/7", "unknown", "guzzle"),
  row("a Go program without the SDK", "container", "Go-http-client/1.1", "unknown", "go-http"),
  row("a person", "container", "curl/8.9.1", "unknown", "curl"),
  row("Java v1, 2019", "imds", `aws-sdk-java/1.11.546 ${JVM}`, "certain", "java-v1.11"),
  row("Java v1, its last minor", "imds", `aws-sdk-java/1.12.780 ${JVM}`, "likely", "java-v1"),
  row("Java v2", "imds", "aws-sdk-java/2.25.60", "likely", "java-v2"),
  row("botocore", "imds", "Botocore/1.43.107 Python/3.13.1 Linux/6.1.0", "likely", "botocore"),
  row("boto3", "imds", "Boto3/1.43.107 Python/3.13.1 Linux/6.1.0 Botocore/1.43.107", "likely", "botocore"),
  row("aiobotocore", "container", "Python/3.11 aiohttp/3.14.5", "unknown", "aiohttp"),
  row("aiobotocore", "imds", "aiobotocore/3.10.0 md/Botocore#1.43.117 ua/2.1", "likely", "botocore"),
  row("polars", "container", "polars/0.55.1", "likely", "object-store"),
  row("GDAL", "container", "GDAL/3.10.3", "likely", "gdal"),
  row("GDAL", "imds", "GDAL/3.10.3", "likely", "gdal"),
  row("fog-aws", "container", "fog-core/2.1.0", "likely", "fog-aws"),
  row("aiodynamo", "container", "python-httpx/0.28.1", "unknown", "python-httpx"),
  row("async-aws", "container", "Symfony HttpClient/Curl", "unknown", "symfony"),
  row("rclone", "imds", "rclone/v1.60.1", "unknown", "rclone"),
  row("object_store", "imds", "object_store/0.14.2", "likely", "object-store"),
  row("the AWS CLI", "imds", "aws-cli/2.30.0 Python/3.13.1 Linux/6.1.0", "likely", "botocore"),
  row("Go v1", "imds", "aws-sdk-go/1.55.6 (go1.24.4; linux; amd64)", "likely", "go-v1"),
  row("Go v2", "imds", "aws-sdk-go-v2/1.41.7 ua/2.1 os/linux lang/go#1.24.4 ft/ec2-imds", "likely", "go-v2"),
  row("Rust", "imds", "aws-sdk-rust/1.3.3 ua/2.1 api/imds#1.11.0 os/linux lang/rust#1.88.0", "likely", "rust"),
  row("the CRT", "imds", "aws-sdk-crt/aws-imds-client", "likely", "crt"),
  row("C++", "imds", "aws-sdk-cpp/1.11.400 ua/2.1 os/Linux", "likely", "cpp"),
  row(".NET", "imds", "lib/x aws-sdk-dotnet-coreclr/4.0.0 ua/2.1", "likely", "dotnet-v4"),
  row("PHP", "imds", "aws-sdk-php/3.350.0 os/linux lang/php#8.4.0 GuzzleHttp/7", "likely", "php"),
  row("Ruby", "imds", "aws-sdk-ruby3/3.257.0", "likely", "ruby"),
  row("Kotlin", "imds", "aws-sdk-kotlin/unknown ua/2.1 api/imds#unknown os/linux", "likely", "kotlin"),
  row("Swift", "imds", "aws-sdk-swift ua/2.1 api/imds", "likely", "swift"),
  row("s3fs", "imds", "s3fs/1.97 (commit hash 1234567; OpenSSL)", "likely", "s3fs"),
  row("fluent-bit", "imds", "aws-fluent-bit-plugin", "likely", "fluent-bit"),
  { sender: "JavaScript v2 or v3", protocol: "imds", kind: "unknown", name: "no-agent" },
];

function row(sender: string, protocol: Protocol, agent: string, kind: Row["kind"], name: string): Row {
  return { sender, protocol, agent, accept: "*/*", kind, name };
}

function marksOf({ agent, accept, sdkRequest = false }: Row): Marks {
  return { userAgent: agent, accept, sdkRequest };
}

for (const one of sent) {
  const { sender, protocol, kind, name } = one;
  test(`takes ${sender} on ${protocol} for ${name}, ${kind}`, () => {
    const recognition = recognize(protocol, marksOf(one));
    assert.deepEqual({ kind: recognition.kind, name: recognition.name }, { kind, name });
  });
}

test("recognizes nobody whom the table does not hold", () => {
  for (const one of sent) {
    const recognition = recognize(one.protocol, marksOf(one));
    if (recognition.kind === "unknown") continue;
    assert.ok(recognition.client !== undefined);
    assert.equal(findClient(recognition.name), recognition.client);
  }
});

/** What a program of somebody else, or a later major version, could send. */
const lookAlikes = [
  "my-aws-sdk-java/1.11.1",
  "aws-sdk-java",
  "aws-sdk-java/",
  "aws-sdk-java/1",
  "aws-sdk-java/3.0.0 Linux/6.1.0",
  "aws-sdk-java/11.11.1 Linux/6.1.0",
  "AWS-SDK-Java/1.11.1",
  " aws-sdk-java/1.11.1",
  `Mozilla/5.0 aws-sdk-java/1.11.1 ${JVM}`,
  "aws-sdk-javascript/2.1693.0",
  "aws-sdk-go/2.0.0",
  "aws-sdk-nodejs/3.0.0",
  "aws-sdk-crt/ecs-credentials-provider-2",
  "urllib3/2.7.0",
  "my python-urllib3/2.7.0",
  "Rubyist",
  "curlew/1.0",
  "\u{1F511}",
  "x".repeat(8_000),
];

for (const agent of lookAlikes) {
  test(`takes ${JSON.stringify(agent.slice(0, 60))} for nobody`, () => {
    for (const protocol of ["container", "imds"] as const) {
      const recognition = recognize(protocol, { userAgent: agent, accept: "*/*", sdkRequest: false });
      assert.deepEqual(recognition, { kind: "unknown", name: "other" });
    }
  });
}

test("is not certain of Java v2 by its short agent, which another provider of it sends", () => {
  const recognition = recognize("container", { userAgent: "aws-sdk-java/2.25.60", accept: "*/*", sdkRequest: false });
  assert.deepEqual(recognition, { kind: "unknown", name: "other" });
});

test("is never certain of python-urllib3, which every Python program sends", () => {
  for (const protocol of ["container", "imds"] as const) {
    for (const sdkRequest of [false, true]) {
      for (const accept of [undefined, "application/json", "*/*"]) {
        const recognition = recognize(protocol, { userAgent: "python-urllib3/2.7.0", accept, sdkRequest });
        assert.deepEqual(recognition, { kind: "unknown", name: "python-urllib3" });
      }
    }
  }
});

test("takes an empty agent for none", () => {
  const marks = { userAgent: "", accept: undefined, sdkRequest: false };
  assert.equal(recognize("container", marks).name, "no-agent-no-accept");
});
