import assert from "node:assert/strict";
import { type Client, clients, findClient, type Protocol } from "../../src/policy/clients.ts";

/** A client, what the pod's author says that it is, and what its requests say. */
export interface Participant {
  readonly client: Client;
  readonly protocol: Protocol;
  readonly declared: Client | undefined;
  readonly agent?: string;
}

const protocols: readonly Protocol[] = ["container", "imds"];

/** Every client on both protocols, declared as what it is. */
export const declaredRightly: readonly Participant[] = protocols.flatMap((protocol) =>
  clients.map((client) => ({ client, protocol, declared: client })),
);

/**
 * The generation that botocore, Go v2, Java v2, Rust, C++ and Kotlin have announced: mandatory window 60 s, and the
 * shortest of its advisory windows, 300 s.
 */
const ANNOUNCED = { advisorySeconds: 300, mandatorySeconds: 60 };

/** The names that a person writes for those clients without thinking of a generation. */
export const upgraded: readonly Participant[] = [
  "botocore",
  "boto3",
  "aws-cli",
  "aiobotocore",
  "go-v2",
  "java-v2",
  "rust",
  "cpp",
  "kotlin",
].map((name) => {
  const declared = findClient(name) ?? assert.fail(name);
  return {
    client: { name: `${name}, upgraded`, container: ANNOUNCED, imds: ANNOUNCED },
    protocol: "container",
    declared,
  };
});

/** Agents by which clients are recognized, each with the client that sends it. */
const agents: readonly (readonly [client: string, protocol: Protocol, agent: string])[] = [
  ["java-v1.11", "container", "aws-sdk-java/1.11.1034 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v1", "container", "aws-sdk-java/1.12.500 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v1", "imds", "aws-sdk-java/1.12.500 Linux/5.10 OpenJDK_64-Bit_Server_VM/25"],
  ["java-v2", "container", "aws-sdk-java/2.20.1 Linux/5.10 OpenJDK_64-Bit_Server_VM/17"],
  ["java-v2", "imds", "aws-sdk-java/2.20.1"],
  ["js-v2", "container", "aws-sdk-nodejs/2.1693.0 linux/v20.0.0"],
  ["crt", "container", "aws-sdk-crt/ecs-credentials-provider"],
  ["cpp", "container", "aws-sdk-cpp/1.11.300"],
  ["botocore", "imds", "Botocore/1.43.0 ua/2.0"],
  ["go-v2", "imds", "aws-sdk-go-v2/1.30.0 ft/ec2-imds"],
  ["php", "imds", "aws-sdk-php/3.300.0"],
];

/** Clients whose requests say what they are, in pods whose author says that they are `declared`. */
export function declaredAs(declared: Client | undefined): readonly Participant[] {
  return agents.map(([name, protocol, agent]) => {
    const client = findClient(name);
    if (client === undefined) throw new Error(`${name} is not in the client table`);
    return { client, protocol, declared, agent };
  });
}
