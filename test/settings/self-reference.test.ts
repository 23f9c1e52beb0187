import assert from "node:assert/strict";
import { test } from "node:test";
import { crossCheck } from "../../src/settings/crosscheck.ts";
import { resolved } from "../support/resolved.ts";

const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const IMDS = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const OPEN = "--auth-token-file=/run/token";
const ROLE = "--role-arn=arn:aws:iam::123456789012:role/app";

/** The variables that are said to lead back, with these flags and variables. */
function leadBack(flags: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  return crossCheck(resolved(flags, env)).problems.map(({ message }) => message);
}

const spellings: readonly (readonly [listen: string, origin: string, leadsBack: boolean])[] = [
  ["127.0.0.1:9911", "http://127.0.0.1:9911", true],
  ["127.0.0.1:9911", "http://localhost:9911", true],
  ["127.0.0.1:9911", "http://LOCALHOST:9911", true],
  ["127.0.0.1:9911", "http://localhost.:9911", true],
  ["127.0.0.1:9911", "HTTP://127.0.0.1:9911", true],
  ["127.0.0.1:9911", "http://127.1:9911", true],
  ["127.0.0.1:9911", "http://0x7f000001:9911", true],
  ["127.0.0.1:9911", "http://2130706433:9911", true],
  ["127.0.0.1:9911", "http://user@127.0.0.1:9911", true],
  ["127.0.0.1:9911", "http://0.0.0.0:9911", true],
  ["127.0.0.1:9911", "http://[::ffff:127.0.0.1]:9911", true],
  ["127.0.0.1:80", "http://127.0.0.1", true],
  ["localhost:9911", "http://localhost:9911", true],
  ["[::1]:9911", "http://[::1]:9911", true],
  ["[::1]:9911", "http://[0:0:0:0:0:0:0:1]:9911", true],
  ["[::1]:9911", "http://localhost:9911", true],
  ["[::1]:9911", "http://[::]:9911", true],
  [":9911", "http://127.0.0.1:9911", true],
  [":9911", "http://localhost:9911", true],
  [":9911", "http://[::1]:9911", true],
  ["0.0.0.0:9911", "http://127.0.0.1:9911", true],
  ["0.0.0.0:9911", "http://0.0.0.0:9911", true],
  ["[::]:9911", "http://[::1]:9911", true],
  ["[::]:9911", "http://localhost:9911", true],
  ["169.254.170.2:80", "http://169.254.170.2", true],
  ["[fd00:ec2::23]:80", "http://[fd00:ec2::23]:80", true],
  ["[FD00:EC2:0::23]:80", "http://[fd00:ec2::23]", true],
  ["127.0.0.1:1,127.0.0.1:9911", "http://127.0.0.1:9911", true],
  ["127.0.0.1:9911", "http://127.0.0.1:9910", false],
  ["127.0.0.1:9911", "http://127.0.0.1", false],
  ["127.0.0.1:443", "https://127.0.0.1", false],
  ["127.0.0.1:9911", "http://169.254.170.23:9911", false],
  ["169.254.170.2:80", "http://169.254.170.23", false],
  ["169.254.170.2:80", "http://127.0.0.1", false],
  ["127.0.0.1:9911", "http://10.0.0.1:9911", false],
  ["127.0.0.1:9911", "http://localhost.example.com:9911", false],
  ["127.0.0.1:9911", "http://127.0.0.1.example.com:9911", false],
  ["127.0.0.1:9911", "127.0.0.1:9911", false],
  ["127.0.0.1:9911", "nonsense", false],
];

for (const [listen, origin, leadsBack] of spellings) {
  test(`${leadsBack ? "tells" : "does not say"} that ${origin} leads back to ${listen}`, () => {
    const flags = [`--listen=${listen}`, OPEN];
    for (const [name, env] of [
      [FULL, { [FULL]: `${origin}/v1/credentials` }],
      [IMDS, { [IMDS]: origin }],
      [IMDS, { [IMDS]: `${origin}/` }],
    ] as const) {
      const found = leadBack(flags, env);
      assert.equal(found.length, leadsBack ? 1 : 0);
      if (leadsBack) assert.match(found[0] ?? "", new RegExp(`^${name} leads back to this sidecar \\(`));
    }
  });
}

test("names the address, the remedy, and nothing of the path", () => {
  const env = { [FULL]: "http://localhost:9911/v1/canary-5f1e" };
  assert.deepEqual(leadBack([], env), [
    `${FULL} leads back to this sidecar (127.0.0.1:9911); set it on the application's container, not on the sidecar's`,
  ]);
});

test("tells both at once", () => {
  const env = { [FULL]: "http://localhost:9911/v1/credentials", [IMDS]: "http://localhost:9911" };
  assert.equal(leadBack([], env).length, 2);
});

const upstreams: readonly (readonly [flags: readonly string[], reads: readonly string[]])[] = [
  [["--upstream=auto"], [FULL, IMDS]],
  [
    ["--upstream=assume-role", ROLE],
    [FULL, IMDS],
  ],
  [["--upstream=container"], [FULL]],
  [["--upstream=imds"], [IMDS]],
  [["--upstream=environment"], []],
  [["--upstream=demo"], []],
];

for (const [flags, reads] of upstreams) {
  test(`looks with ${flags[0]} at ${reads.join(" and ") || "neither"}`, () => {
    const env = { [FULL]: "http://localhost:9911/v1/credentials", [IMDS]: "http://localhost:9911" };
    assert.deepEqual(
      leadBack(flags, env).map((message) => message.split(" ")[0]),
      reads,
    );
  });
}

test("looks at the link-local address that a relative URI leads to", () => {
  const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v1/credentials" };
  assert.match(
    leadBack(["--listen=169.254.170.2:80"], env)[0] ?? "",
    /^AWS_CONTAINER_CREDENTIALS_RELATIVE_URI leads back/,
  );
  assert.deepEqual(leadBack(["--listen=127.0.0.1:80"], env), []);
});

test("tells an IMDS upstream that it serves at the address of IMDS itself", () => {
  const listen = "--listen=169.254.169.254:80";
  assert.match(leadBack([listen, "--upstream=imds"], {})[0] ?? "", /^the address of IMDS leads back/);
  assert.deepEqual(leadBack([listen, "--upstream=auto"], {}), [], "web identity may come first");
});
