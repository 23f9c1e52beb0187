import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest } from "../src/nearest.ts";

const commands = ["serve", "exec", "check", "doctor", "healthcheck", "wait", "env", "completion", "help", "version"];
const clients = ["java-v1", "java-v1.11", "java-v2", "botocore", "botocore-1", "boto3", "go-v1", "go-v2"];

const cases = [
  ["sevre", commands, "serve"],
  ["serv", commands, "serve"],
  ["chekc", commands, "check"],
  ["health", commands, "healthcheck"],
  ["doc", commands, "doctor"],
  ["completions", commands, "completion"],
  ["botocore1", clients, "botocore-1"],
  ["BOTO3", clients, "boto3"],
  ["java_v2", clients, "java-v2"],
  ["deploy", commands, undefined],
  ["x", commands, undefined],
  ["", commands, undefined],
  ["serve".repeat(100), commands, undefined],
] as const;

for (const [word, known, expected] of cases) {
  test(`finds ${expected ?? "nothing"} near ${word.slice(0, 20) || "an empty word"}`, () =>
    assert.equal(nearest(word, known), expected));
}

test("takes the word itself before one that is near it", () => {
  for (const name of clients) assert.equal(nearest(name, clients), name);
});

test("says nothing when nothing is near", () => {
  assert.equal(didYouMean("sevre", commands), "; did you mean serve?");
  assert.equal(didYouMean("deploy", commands), "");
});
