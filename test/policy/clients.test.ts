import assert from "node:assert/strict";
import { test } from "node:test";
import { clients, declarableNames, findClient, LARGEST_ADVISORY_SECONDS } from "../../src/policy/clients.ts";

const namesOf = ({ name, aliases = [] }: (typeof clients)[number]) => [name, ...aliases];

test("names every client once, aliases included", () => {
  const all = clients.flatMap(namesOf);
  assert.deepEqual([...declarableNames], [...new Set(all)].sort());
  assert.equal(new Set(all).size, all.length);
});

for (const { name, container, imds } of clients) {
  test(`has ${name} a mandatory window within its advisory window, in whole seconds`, () => {
    for (const { advisorySeconds, mandatorySeconds } of [container, imds]) {
      assert.ok(
        Number.isInteger(advisorySeconds) && Number.isInteger(mandatorySeconds),
        `${advisorySeconds}, ${mandatorySeconds}`,
      );
      assert.ok(
        mandatorySeconds >= 0 && mandatorySeconds <= advisorySeconds,
        `${mandatorySeconds} > ${advisorySeconds}`,
      );
    }
  });
}

test("has a drawn advisory window lie between the mandatory window and the largest advisory window", () => {
  const drawn = clients
    .flatMap(({ container, imds }) => [container, imds])
    .filter(({ shortestAdvisorySeconds }) => shortestAdvisorySeconds);
  assert.equal(drawn.length, 1);
  for (const { advisorySeconds, mandatorySeconds, shortestAdvisorySeconds = 0 } of drawn)
    assert.ok(mandatorySeconds <= shortestAdvisorySeconds && shortestAdvisorySeconds < advisorySeconds);
});

test("finds each client by its name and by each alias, and no other way", () => {
  for (const client of clients) {
    for (const name of namesOf(client)) assert.equal(findClient(name), client);
  }
  for (const name of ["", "Botocore", "java", " botocore", "constructor", "__proto__"]) {
    assert.equal(findClient(name), undefined, name);
  }
});

test("has names that fit into a path and a metric's label as they are", () => {
  for (const name of declarableNames) assert.match(name, /^[a-z][a-z0-9.-]*$/);
});

test("knows no client that asks for more than 20 minutes", () => {
  assert.equal(LARGEST_ADVISORY_SECONDS, 1_200);
});

/** The clients of the incident and those that share its threshold: a wrong number here brings the storm back. */
const decisive = [
  { name: "java-v1.11", container: [900, 900], imds: [900, 900] },
  { name: "java-v1", container: [900, 900], imds: [900, 0] },
  { name: "java-v2", container: [900, 60], imds: [300, 0] },
  { name: "botocore", container: [900, 60], imds: [900, 0] },
  { name: "botocore-1", container: [900, 600], imds: [900, 0] },
  { name: "dotnet-v3", container: [900, 0], imds: [0, 0] },
  { name: "dotnet-v3.7.202", container: [900, 900], imds: [0, 0] },
  { name: "dotnet-v4", container: [900, 0], imds: [0, 0] },
  { name: "js-v3", container: [300, 0], imds: [300, 0] },
  { name: "go-v2", container: [300, 60], imds: [0, 0] },
];

for (const { name, container, imds } of decisive) {
  test(`knows when ${name} reads again`, () => {
    const client = findClient(name);
    assert.deepEqual([client?.container.advisorySeconds, client?.container.mandatorySeconds], container);
    assert.deepEqual([client?.imds.advisorySeconds, client?.imds.mandatorySeconds], imds);
  });
}
