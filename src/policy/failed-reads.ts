/**
 * What clients do when they need new credentials and the read fails: the cause of most of what is seen in an outage that
 * outlasts a session. The rows are what the real clients did in such an outage (`conformance/run --scenario outage`),
 * over the container protocol where nothing else is said; a test holds them to the recorded runs. Pure.
 */
import { type ClientName, findClient, type Protocol } from "./clients.ts";

/** In a few words for a table, and as the end of "When a read fails, …". */
export const failedReads = {
  fails: { short: "fails until a read succeeds", sentence: "its requests fail until one succeeds" },
  waits: { short: "waits", sentence: "its requests wait until one succeeds" },
  "signs-on": {
    short: "signs on with expired keys",
    sentence: "it signs on with what it has until one succeeds, and AWS refuses those requests after the expiration",
  },
  "signs-on-for-long": {
    short: "signs on with expired keys for minutes",
    sentence:
      "it signs on with what it has and does not read again for minutes: restart it if AWS refuses its requests",
  },
  unsigned: {
    short: "sends unsigned requests",
    sentence: "it sends requests without a signature until one succeeds, and AWS refuses them as anonymous",
  },
  "unsigned-for-long": {
    short: "sends unsigned requests, and does not read again",
    sentence: "it sends requests without a signature, and does not read again: restart it",
  },
  "never-again": {
    short: "fails, and does not read again",
    sentence: "its requests fail, and it does not read again: restart it",
  },
  ends: { short: "ends", sentence: "it ends" },
} as const;

export type FailedRead = keyof typeof failedReads;

/** Each of these was seen. What is not here was not tried. */
const seen: Readonly<Record<Protocol, Readonly<Partial<Record<ClientName, FailedRead>>>>> = {
  container: {
    aiodynamo: "fails",
    "async-aws": "unsigned-for-long",
    "botocore-1": "fails",
    cpp: "signs-on",
    crt: "fails",
    gdal: "fails",
    "go-v1": "fails",
    "go-v2": "fails",
    "java-v1": "signs-on",
    "java-v1.11": "fails",
    "java-v2": "fails",
    "js-v2": "fails",
    "js-v3": "fails",
    kotlin: "fails",
    "minio-go": "fails",
    "minio-java": "fails",
    "minio-js": "fails",
    "minio-py": "fails",
    "object-store": "fails",
    prometheus: "fails",
    reqsign: "fails",
    ruby: "fails",
    rust: "fails",
    s3fs: "unsigned",
    victoriametrics: "fails",
  },
  imds: {
    "go-v1": "fails",
    "go-v2": "signs-on-for-long",
    "minio-go": "fails",
    prometheus: "signs-on-for-long",
  },
};

/** What this client does, by the name of its row; undefined when it was not tried. */
export function failedReadBy(protocol: Protocol, name: string): FailedRead | undefined {
  const rows: Readonly<Partial<Record<string, FailedRead>>> = seen[protocol];
  // Requests tell the client, and hardly ever its generation: the one in use was tried.
  return rows[name] ?? rows[findClient(name)?.generationInUse ?? name];
}
