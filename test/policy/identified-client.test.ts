import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientName, findClient, type Protocol } from "../../src/policy/clients.ts";
import { type Recognition, recognize } from "../../src/policy/identification.ts";
import { type IdentifiedClient, identifiedClient } from "../../src/policy/identified-client.ts";

const agents = {
  "java-v1.11": "aws-sdk-java/1.11.546 Linux/6.1.0",
  "java-v1": "aws-sdk-java/1.12.780 Linux/6.1.0",
  "go-v1": "aws-sdk-go/1.55.6 (go1.24.4; linux; amd64)",
  dotnet: "aws-sdk-dotnet-coreclr/4.0.0",
  "dotnet-v3": "aws-sdk-dotnet-coreclr/3.7.400",
  python: "python-urllib3/2.7.0",
} as const;

interface Case {
  readonly name: string;
  readonly protocol?: Protocol;
  readonly path?: ClientName;
  readonly agent?: keyof typeof agents;
  readonly setting?: ClientName;
  readonly expected: IdentifiedClient;
}

function padded(name: string, advisorySeconds: number, mandatorySeconds: number): IdentifiedClient {
  return { name, windows: { advisorySeconds, mandatorySeconds }, advisorySeconds };
}

function honest(name: string, advisorySeconds?: number): IdentifiedClient {
  return { name, windows: undefined, advisorySeconds };
}

const cases: readonly Case[] = [
  { name: "nobody named gets no thresholds", expected: honest("no-agent-no-accept") },
  { name: "a family's agent names nobody", agent: "python", expected: honest("python-urllib3") },
  { name: "a certain mark counts by itself", agent: "java-v1", expected: padded("java-v1", 900, 900) },
  { name: "a likely mark is good for the name only", agent: "go-v1", expected: honest("go-v1", 300) },
  { name: "the path counts by itself", path: "botocore-1", expected: padded("botocore-1", 900, 600) },
  {
    name: "a client that looks elsewhere for the access key ID is told so by its name alone",
    path: "minio-js",
    expected: { ...padded("minio-js", 10, 10), accessKeyIdField: "AccessKeyID" },
  },
  { name: "the setting counts by itself", setting: "botocore-1", expected: padded("botocore-1", 900, 600) },
  {
    name: "the setting counts beside a family's agent",
    agent: "python",
    setting: "botocore-1",
    expected: padded("botocore-1", 900, 600),
  },
  { name: "the setting confirms a likely mark", agent: "go-v1", setting: "go-v1", expected: padded("go-v1", 300, 300) },
  { name: "the path beats the setting", path: "go-v1", setting: "java-v1", expected: padded("go-v1", 300, 300) },
  {
    name: "a certain mark beats the setting",
    agent: "java-v1",
    setting: "botocore",
    expected: padded("java-v1", 900, 900),
  },
  { name: "a likely mark beats another setting", agent: "go-v1", setting: "java-v1", expected: honest("go-v1", 300) },
  {
    name: "the path beats a certain mark, with its own smaller mandatory window",
    path: "botocore-1",
    agent: "java-v1",
    expected: padded("botocore-1", 900, 600),
  },
  {
    name: "the path beats a likely mark, with the smaller mandatory window of the mark",
    path: "java-v1",
    agent: "go-v1",
    expected: padded("java-v1", 900, 300),
  },
  {
    name: "a wrong path costs reads and no more",
    path: "dotnet-v3",
    agent: "dotnet",
    expected: padded("dotnet-v3", 900, 0),
  },
  {
    name: "a generation agrees with its client's mark",
    path: "dotnet-v3.7.202",
    agent: "dotnet-v3",
    expected: padded("dotnet-v3.7.202", 900, 900),
  },
  {
    name: "a generation by the setting agrees with its client's mark",
    setting: "dotnet-v3.7.202",
    agent: "dotnet-v3",
    expected: padded("dotnet-v3.7.202", 900, 900),
  },
  {
    name: "a generation does not agree with another client's mark",
    path: "dotnet-v3.7.202",
    agent: "dotnet",
    expected: padded("dotnet-v3.7.202", 900, 0),
  },
  {
    name: "a path without a mandatory window stays so beside a mark",
    path: "dotnet-v4",
    agent: "java-v1",
    expected: padded("dotnet-v4", 900, 0),
  },
  { name: "the path confirms a likely mark", path: "go-v1", agent: "go-v1", expected: padded("go-v1", 300, 300) },
  {
    name: "everybody agrees",
    path: "java-v1",
    agent: "java-v1",
    setting: "java-v1",
    expected: padded("java-v1", 900, 900),
  },
  { name: "IMDS has thresholds of its own", protocol: "imds", path: "go-v2", expected: padded("go-v2", 0, 0) },
  {
    name: "old Java is certain on IMDS",
    protocol: "imds",
    agent: "java-v1.11",
    expected: padded("java-v1.11", 900, 900),
  },
  { name: "newer Java is likely on IMDS", protocol: "imds", agent: "java-v1", expected: honest("java-v1", 900) },
  {
    name: "disagreement on IMDS takes the smaller mandatory window",
    protocol: "imds",
    path: "java-v1.11",
    agent: "java-v1",
    expected: padded("java-v1.11", 900, 0),
  },
];

function recognitionOf(protocol: Protocol, agent: Case["agent"]): Recognition {
  const userAgent = agent === undefined ? undefined : agents[agent];
  return recognize(protocol, { userAgent, accept: undefined, sdkRequest: false });
}

for (const { name, protocol = "container", path, agent, setting, expected } of cases) {
  test(`decides that ${name}`, () => {
    const declared = { byPath: findClient(path ?? ""), bySetting: findClient(setting ?? "") };
    assert.deepEqual(identifiedClient(protocol, declared, recognitionOf(protocol, agent)), expected);
  });
}
