/** The parts of `conformance/harness` that read, compare and write. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readLine } from "../../../conformance/harness/client-run.ts";
import { readClient, readClients } from "../../../conformance/harness/clients.ts";
import { failedReadOf, showsFailedRead } from "../../../conformance/harness/failed-read.ts";
import { serve, text } from "../../../conformance/harness/http.ts";
import { fixedAddressOf, forward } from "../../../conformance/harness/link-local.ts";
import { listening } from "../../../conformance/harness/listening-port.ts";
import { readsAllowed, requestsOf } from "../../../conformance/harness/load.ts";
import { between } from "../../../conformance/harness/markdown.ts";
import { MissingToolError, requireTools } from "../../../conformance/harness/needs.ts";
import { choose, readOptions, UsageError } from "../../../conformance/harness/options.ts";
import { pointedAt } from "../../../conformance/harness/pointed-at.ts";
import {
  format,
  merge,
  possibleWith,
  type Results,
  type Row,
  regressions,
} from "../../../conformance/harness/results.ts";
import { longestFirst } from "../../../conformance/harness/run-scenario.ts";
import { isInGate, isInShare } from "../../../conformance/harness/share.ts";
import { shortTable } from "../../../conformance/harness/short-table.ts";
import { readCounts } from "../../../conformance/harness/sidecar.ts";
import { fullTables } from "../../../conformance/harness/tables.ts";
import { type Counts, verdicts } from "../../../conformance/harness/verdict.ts";
import { scenarios } from "../../../conformance/scenarios/all.ts";
import { failedReadBy } from "../../../src/policy/failed-reads.ts";

suite("client.json", () => {
  const entry = {
    name: "boto3",
    sdk: "boto3",
    row: "botocore",
    version: "1.0",
    protocols: ["container"],
    needs: [{ command: "python3", package: "python3" }],
    run: ["python3", "sts.py"],
  };

  test("may leave out the build and the remark", () => {
    const { build, remark, folder, processPerRequest } = readClient(entry, "/clients/python", "client.json");
    assert.deepEqual({ build, remark, folder }, { build: [], remark: "", folder: "/clients/python" });
    assert.equal(processPerRequest, false);
  });

  test("says whether each request is a process of its own", () => {
    assert.equal(readClient({ ...entry, processPerRequest: true }, "", "").processPerRequest, true);
  });

  test("says whether the sidecar must be told its name", () => {
    assert.equal(readClient(entry, "", "").mustBeNamed, false);
    assert.equal(readClient({ ...entry, mustBeNamed: true }, "", "").mustBeNamed, true);
    assert.throws(() => readClient({ ...entry, mustBeNamed: "yes" }, "", ""), /mustBeNamed/);
  });

  const faults = [
    { name: "a row that the client table does not have", changes: { row: "nobody" }, says: /row nobody/ },
    { name: "an unknown protocol", changes: { protocols: ["ftp"] }, says: /protocols/ },
    { name: "nothing to run", changes: { run: [] }, says: /run/ },
    { name: "a need without a package", changes: { needs: [{ command: "go" }] }, says: /needs/ },
    { name: "lines for a client that nobody knows", changes: { setup: "nobody" }, says: /setup nobody/ },
    { name: "an unknown share of the gate", changes: { gate: "some" }, says: /gate/ },
    { name: "a word for yes", changes: { processPerRequest: "yes" }, says: /processPerRequest/ },
    { name: "several faults", changes: { name: "", version: 1 }, says: /name, version/ },
  ];
  for (const { name, changes, says } of faults) {
    test(`is refused with ${name}`, () => {
      assert.throws(() => readClient({ ...entry, ...changes }, "", "x/client.json"), says);
    });
  }
});

test("missing commands are told all at once, each with its package", async () => {
  const needing = (name: string, command: string, brings: string) => ({
    name,
    needs: [{ command, package: brings }],
    build: [],
    folder: "",
  });
  const wanted = [needing("a", "no-such-command", "one"), needing("b", "/no/such", "two"), needing("c", "sh", "dash")];
  await assert.rejects(requireTools(wanted, "/usr/bin:/bin"), (error: unknown) => {
    assert.ok(error instanceof MissingToolError);
    assert.equal(error.message, "a needs `no-such-command`: install one\nb needs `/no/such`: install two");
    return true;
  });
});

suite("the gate", () => {
  const [basic] = scenarios.filter((one) => one.basic);
  const [other] = scenarios.filter((one) => !one.basic);

  test("runs every scenario of some clients, a few of others, and nothing of those that are long to build", () => {
    assert.ok(basic && other);
    const shares = (["all", "few", "nothing"] as const).map((gate) =>
      [basic, other].map((one) => isInShare({ gate }, one)),
    );
    assert.deepEqual(shares, [
      [true, true],
      [true, false],
      [false, false],
    ]);
    assert.deepEqual(
      (["few", "nothing"] as const).map((gate) => isInGate({ gate })),
      [true, false],
    );
  });
});

test("a client that knows one address is given what it appends to it, or nothing", () => {
  const url = "http://127.0.0.1:1";
  assert.deepEqual(pointedAt({ protocol: "container", url, row: "s3fs", setup: "s3fs" }), {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v1/for/s3fs/credentials",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  assert.deepEqual(pointedAt({ protocol: "imds", url, setup: "s3cmd" }), {});
  assert.deepEqual(
    ["s3fs", "s3cmd", "polars", "nobody"].map((setup) => fixedAddressOf({ setup })),
    ["169.254.170.2:80", "169.254.169.254:80", undefined, undefined],
  );
});

test("an upstream is read at another address, byte by byte", async () => {
  const upstream = await serve(() => text(200, "as it is"));
  const at = new URL(upstream.url);
  // Of the loopback's other addresses, whose port is free where the first one's was.
  const forwarded = await forward(`127.0.0.2:${at.port}`, upstream.url);
  try {
    const response = await fetch(`http://127.0.0.2:${at.port}/`, { headers: { Connection: "close" } });
    assert.equal(await response.text(), "as it is");
  } finally {
    await forwarded.close();
    await upstream.close();
  }
});

test("a scenario begins with the runs that took longest, and with those that were never timed", async () => {
  const clients = await readClients(fileURLToPath(new URL("../../../conformance/clients", import.meta.url)));
  const [first, second, third] = clients;
  assert.ok(first && second && third);
  const specs = [first, second, third].map((client) => ({ client, protocol: "container" as const, variant: "" }));
  const timed = [
    row({ client: first.name, seconds: 2 }),
    row({ client: second.name, seconds: 60 }),
    row({ client: third.name, scenario: "token", seconds: 90 }),
  ];
  assert.deepEqual(
    longestFirst(specs, "one-hour", timed).map(({ client }) => client.name),
    [third.name, second.name, first.name],
  );
});

suite("the command line", () => {
  test("takes lists of names", () => {
    const read = readOptions(["--only", "boto3,js-v3", "--scenario=one-hour", "--all"]);
    assert.deepEqual(
      { ...read },
      { only: ["boto3", "js-v3"], scenarios: ["one-hour"], all: true, list: false, newest: false },
    );
  });

  test("refuses what it does not know, and says what there is", () => {
    assert.throws(() => readOptions(["--onyl", "x"]), UsageError);
    assert.throws(() => choose("client", ["x"], new Map([["boto3", 1]])), /no client is called x; there are boto3/);
  });

  test("chooses everything when nothing is asked for", () => {
    assert.deepEqual(choose("client", undefined, new Map(Object.entries({ a: 1, b: 2 }))), [1, 2]);
  });
});

test("an application is pointed at a container URI, with IMDS off, or at IMDS", () => {
  const url = "http://127.0.0.1:1";
  assert.deepEqual(pointedAt({ protocol: "container", url, row: "crt" }), {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/v1/for/crt/credentials",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  // The line that `env polars` prints.
  assert.deepEqual(pointedAt({ protocol: "container", url, setup: "polars" }), {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/v1/credentials",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  assert.deepEqual(pointedAt({ protocol: "imds", url }), { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1/" });
});

test("a command line is asked for few requests, each of which may read twice", () => {
  assert.equal(requestsOf({ processPerRequest: false }, 1_000), 1_000);
  assert.equal(requestsOf({ processPerRequest: true }, 1_000), 5);
  assert.equal(readsAllowed({ processPerRequest: true }, 10), 20);
});

test("a client's line is read only when it is all that was printed", () => {
  const line = { client: "a", version: "1", requests: 1, failed: 0, p50Ms: 1, p99Ms: 1 };
  assert.deepEqual(readLine(`${JSON.stringify(line)}\n`), line);
  for (const other of ["", "warning\n{}", "{}", JSON.stringify({ ...line, failed: null })]) {
    assert.equal(readLine(other), undefined);
  }
});

test("the sidecar's metrics are summed over clients and protocols", () => {
  const metrics = [
    'credential_sidecar_reads_total{client="crt",protocol="container",result="served"} 3',
    'credential_sidecar_reads_total{client="curl",protocol="imds",result="served"} 4',
    'credential_sidecar_reads_total{client="crt",protocol="container",result="unavailable"} 2',
    'credential_sidecar_refreshes_total{identity="default",result="refreshed"} 5',
    'credential_sidecar_refreshes_total{identity="default",result="timeout"} 1',
    'credential_sidecar_flights_coalesced_total{identity="default"} 6',
  ];
  assert.deepEqual(readCounts(metrics.join("\n")), { reads: 7, unavailable: 2, waited: 6, refreshes: 6 });
});

test("a listening port is found by the socket's inode", () => {
  const row = (local: string, state: string, inode: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0 0 10 0`;
  const table = [
    "  sl  local_address",
    row("0100007F:0016", "0A", "7"),
    row("0100007F:1F90", "01", "8"),
    row("0100007F:1F91", "0A", "8"),
  ];
  assert.equal(listening(table.join("\n"), new Set(["8"])), 8_081);
  assert.equal(listening(table.join("\n"), new Set(["9"])), undefined);
});

const counts: Counts = {
  requests: 10,
  failed: 0,
  accepted: 10,
  late: 0,
  otherwiseRejected: 0,
  keys: 1,
  p50Ms: 1,
  p99Ms: 2,
  hours: 0,
  longestGapMs: 1,
  reads: 1,
  upstreamCalls: 1,
};
const row = (changes: Partial<Row>): Row => ({
  scenario: "one-hour",
  client: "boto3",
  protocol: "container",
  variant: "",
  version: "1.0",
  date: "2026-01-01",
  verdict: "calm",
  remark: "",
  counts,
  ...changes,
});
const results = (...rows: readonly Row[]): Results => ({ versions: { Node: "26" }, rows });
const always = () => true;
const never = () => false;

suite("results", () => {
  test("of a part of the matrix leave the rest as it was", () => {
    const before = results(row({}), row({ client: "js-v3" }));
    const merged = merge(before, results(row({ verdict: "storms", date: "2026-02-02" })), always);
    assert.deepEqual(
      merged.rows.map(({ client, verdict, date }) => [client, verdict, date]),
      [
        ["boto3", "storms", "2026-02-02"],
        ["js-v3", "calm", "2026-01-01"],
      ],
    );
  });

  test("lose the rows that no run could have any more", () => {
    const before = results(row({}), row({ client: "retired" }));
    const merged = merge(before, results(), ({ client }) => client !== "retired");
    assert.deepEqual(
      merged.rows.map(({ client }) => client),
      ["boto3"],
    );
  });

  test("stay the gate's when the full set ran them last", () => {
    const before = results(row({ inGate: true }));
    const { rows } = merge(before, results(row({ verdict: "works" })), always);
    assert.deepEqual(rows, [row({ verdict: "works", inGate: true })]);
  });

  test("name each verdict that got worse, and no other", () => {
    const before = results(row({}), row({ client: "js-v3", verdict: "storms" }));
    const now = [row({ verdict: "late", remark: "3 late" }), row({ client: "js-v3" })];
    assert.deepEqual(regressions(before, now, { eitherWay: never, wasRun: always }), [
      "one-hour · boto3 · container · : was calm, is late (3 late)",
    ]);
  });

  test("let works and recovers pass for each other where a scenario says so, and nothing else", () => {
    const before = results(row({ verdict: "works" }), row({ client: "js-v3" }));
    const now = [row({ verdict: "recovers" }), row({ client: "js-v3", verdict: "fails" })];
    assert.equal(regressions(before, now, { eitherWay: never, wasRun: always }).length, 2);
    assert.deepEqual(regressions(before, now, { eitherWay: always, wasRun: always }), [
      "one-hour · js-v3 · container · : was calm, is fails ()",
    ]);
  });

  test("are possible for a client's own protocols, in scenarios that there are", () => {
    const isPossible = possibleWith([{ name: "boto3", protocols: ["container"] }], [{ id: "one-hour" }]);
    const impossible = [{ client: "retired" }, { protocol: "imds" }, { scenario: "retired" }] as const;
    assert.deepEqual(
      [isPossible(row({})), ...impossible.map((one) => isPossible(row(one)))],
      [true, false, false, false],
    );
  });

  test("of a new client may be anything but a failure that nobody has looked at", () => {
    const now = verdicts.map((verdict) => row({ client: verdict, verdict }));
    const found = regressions(results(), now, { eitherWay: never, wasRun: always });
    assert.deepEqual(
      found.map((line) => /is new, and is (\w+)/.exec(line)?.[1]),
      ["fails", "late", "broken"],
    );
    assert.deepEqual(regressions(results(...now), now, { eitherWay: never, wasRun: always }), []);
  });

  test("name each row of the gate that is gone, and none of what was not run", () => {
    const before = results(
      row({ inGate: true }),
      row({ client: "js-v3", inGate: true }),
      row({ client: "of the full set alone" }),
    );
    assert.deepEqual(regressions(before, [], { eitherWay: never, wasRun: ({ client }) => client !== "js-v3" }), [
      "one-hour · boto3 · container · : was calm, is gone",
    ]);
  });

  test("that are checked in are of clients, protocols and scenarios that there are, each with its day", async () => {
    const root = new URL("../../../conformance/", import.meta.url);
    const { rows } = JSON.parse(readFileSync(new URL("results.json", root), "utf8")) as Results;
    const clients = await readClients(fileURLToPath(new URL("clients", root)));
    const isPossible = possibleWith(clients, scenarios);
    assert.ok(rows.length > 100);
    assert.deepEqual(
      rows.filter((row) => !isPossible(row)),
      [],
    );
    for (const { date } of rows) assert.match(date, /^\d{4}-\d{2}-\d{2}$/);
  });

  test("that are checked in show of each client's failed reads what doctor says of them", async () => {
    const root = new URL("../../../conformance/", import.meta.url);
    const { rows } = JSON.parse(readFileSync(new URL("results.json", root), "utf8")) as Results;
    const rowOf = new Map(
      (await readClients(fileURLToPath(new URL("clients", root)))).map((one) => [one.name, one.row]),
    );
    // Of the lengths of session the full set has more than one; a client does the same in each.
    const shown = rows.filter(showsFailedRead).map((one) => {
      const name = rowOf.get(one.client) ?? "";
      return [
        `${one.client} as ${name}, ${one.protocol}, ${one.variant}`,
        failedReadOf(one),
        failedReadBy(one.protocol, name),
      ];
    });
    assert.ok(shown.length > 15);
    assert.deepEqual(
      shown.filter(([, ran, said]) => ran !== said),
      [],
    );
  });

  test("are written as JSON with a line for each run", () => {
    const given = results(row({}), row({ client: "js-v3" }));
    assert.deepEqual(JSON.parse(format(given)), given);
    assert.equal(format(given).match(/"client"/g)?.length, 2);
    assert.equal(
      format(given)
        .split("\n")
        .filter((line) => line.includes('"client"')).length,
      2,
    );
  });
});

suite("the tables", () => {
  const scenarios = [{ id: "one-hour", title: "One hour", promise: "Calm." }];
  const clients = [
    { name: "boto3", sdk: "boto3", protocols: ["container", "imds"] as const },
    { name: "never-run", sdk: "X", protocols: ["container"] as const },
  ];

  const short = (...rows: readonly Row[]) => {
    const [headings = "", , ...lines] = shortTable(results(...rows), clients).split("\n");
    const cells = (line: string) => line.split(" | ").map((cell) => cell.replaceAll("|", "").trim());
    return lines.map((line) => Object.fromEntries(cells(line).map((cell, at) => [cells(headings)[at], cell])));
  };

  test("have one short line for each client that was run", () => {
    assert.deepEqual(
      short(row({})).map(({ SDK, version }) => [SDK, version]),
      [["boto3", "1.0"]],
    );
  });

  test("set the reads without a sidecar beside those with one, named and unnamed", () => {
    const { reads: _none, ...straight } = { ...counts, upstreamCalls: 11 };
    const scenario = "fifteen-minutes";
    const [line] = short(
      row({ scenario, variant: "straight", counts: straight }),
      row({ scenario, variant: "undeclared", counts: { ...counts, requests: 1_000, reads: 1_001 } }),
      row({ scenario, variant: "path", counts: { ...counts, requests: 1_000 } }),
    );
    assert.equal(line?.["15 min, straight"], "11 in 10");
    assert.equal(line?.["through the sidecar"], "1,001 in 1,000");
    assert.equal(line?.["named in the path"], "1 in 1,000");
  });

  test("show the worst verdict of IMDS beside those of the container protocol", () => {
    const scenario = "token";
    const [line] = short(
      row({ scenario, variant: "file" }),
      row({ scenario, variant: "rotation", verdict: "fails" }),
      row({ protocol: "imds", verdict: "late" }),
      row({ protocol: "imds", scenario: "outage", variant: "15-minute, outlived", verdict: "broken" }),
    );
    assert.equal(line?.token, "fails");
    assert.equal(line?.["over IMDS"], "late");
  });

  test("tell how long after an outage that nobody can bridge a client signs again", () => {
    const outlived = row({ scenario: "outage", variant: "15-minute, outlived", verdict: "recovers" });
    const [line] = short({ ...outlived, counts: { ...counts, recoveryMs: 90_000 } }, row({ scenario: "outage" }));
    assert.equal(line?.outage, "calm");
    assert.equal(line?.["signs again after a longer one"], "1.5 min");
    assert.equal(short({ ...outlived, verdict: "late" })[0]?.["signs again after a longer one"], "late");
  });

  test("tell what a failed read does to a client", () => {
    const outlived = row({ scenario: "outage", variant: "15-minute, outlived", verdict: "recovers" });
    const does = (changes: Partial<Counts>, verdict: Row["verdict"] = "recovers") =>
      short({ ...outlived, verdict, counts: { ...counts, failed: 3, recoveryMs: 1, ...changes } })[0]?.[
        "what a failed read does"
      ];
    const { counts: _none, ...broken } = { ...outlived, verdict: "broken" as const };
    assert.deepEqual(
      [does({}), does({ failed: 0 }), does({ late: 2 }, "late"), does({ otherwiseRejected: 3, unsigned: 3 })],
      ["fails until a read succeeds", "waits", "signs on with expired keys", "sends unsigned requests"],
    );
    assert.equal(short(broken)[0]?.["what a failed read does"], "ends");
    const { recoveryMs: _never, ...stuck } = { ...counts, failed: 3, recoveryMs: 1 };
    assert.equal(
      short({ ...outlived, counts: stuck })[0]?.["what a failed read does"],
      "fails, and does not read again",
    );
    assert.equal(
      short(row({ scenario: "outage", variant: "15-minute, a third" }))[0]?.["what a failed read does"],
      "–",
    );
  });

  test("show latency as what was added to static credentials", () => {
    const rows = [row({ variant: "static" }), row({ variant: "path", counts: { ...counts, p50Ms: 1.5, p99Ms: 1.8 } })];
    const full = fullTables(results(...rows), scenarios);
    assert.match(full, /path \| 2026-01-01 \| 10 \| 1 \| 1 \| \+0\.5 ms \| −0\.2 ms/);
  });

  test("cannot be broken by an error's text", () => {
    const full = fullTables(results(row({ remark: "a | b\n\u001b[31m<script>" })), scenarios);
    assert.match(full, /a \\\| b &lt;script>/);
  });

  test("replace only what is between their marks", () => {
    const text = "a\n<!-- conformance -->\nold\n<!-- /conformance -->\nb\n";
    assert.equal(between("conformance", text, "new"), "a\n<!-- conformance -->\nnew\n<!-- /conformance -->\nb\n");
    assert.equal(between("conformance", "no marks", "new"), "no marks");
  });
});
