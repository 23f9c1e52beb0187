import assert from "node:assert/strict";
import { test } from "node:test";
import {
  durationBetween,
  formatAddress,
  type Kind,
  listenAddress,
  listOf,
  matching,
  oneOf,
  orOff,
  policyDocument,
  sessionTags,
} from "../../src/settings/values.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";

/** A kind with texts that it reads, each with the value and what is shown for it, and texts that it refuses. */
interface Cases<T> {
  readonly what: string;
  readonly kind: Kind<T>;
  readonly good: readonly (readonly [text: string, value: T, shown?: string])[];
  readonly bad: readonly string[];
}

function check<T>({ what, kind, good, bad }: Cases<T>): void {
  for (const [text, value, shown = text] of good) {
    test(`reads ${JSON.stringify(text.slice(0, 60))} as ${what}, and shows it as ${JSON.stringify(shown.slice(0, 60))}`, () => {
      assert.deepEqual(kind.read(text), { kind: "ok", value });
      assert.equal(kind.show(value), shown);
    });
  }
  for (const text of bad) {
    test(`refuses ${JSON.stringify(text.slice(0, 60))} as ${what}`, () => {
      assert.deepEqual(kind.read(text), { kind: "bad" });
    });
  }
}

check({
  what: "a duration from 15 min to 12 h",
  kind: durationBetween(15 * MINUTE, 12 * HOUR),
  good: [
    ["15m", 15 * MINUTE],
    ["12h", 12 * HOUR],
    ["1h30m", 90 * MINUTE],
    ["90m", 90 * MINUTE, "1h30m"],
    ["3600s", HOUR, "1h"],
    ["1h0m1s", HOUR + SECOND, "1h1s"],
    ["3600001ms", HOUR + 1],
    ["10m10m", 20 * MINUTE, "20m"],
  ],
  bad: [
    "",
    "14m59s",
    "899999ms",
    "12h1ms",
    "13h",
    "1",
    "3600",
    "1 h",
    " 1h",
    "1h\n",
    "1H",
    "1d",
    "1.5h",
    "-1h",
    "+1h",
    "h",
    "1hour",
    "1h30",
    "١h",
    `${"9".repeat(400)}h`,
    "Infinity",
    "1e3s",
  ],
});

check<"auto" | "off">({
  what: "one of two words",
  kind: oneOf(["auto", "off"]),
  good: [
    ["auto", "auto"],
    ["off", "off"],
  ],
  bad: ["", "on", "AUTO", "auto ", "auto,off", "constructor"],
});

check({
  what: "a list of at most three words",
  kind: listOf(matching(/^[a-z]+$/), 3),
  good: [
    ["a", ["a"]],
    ["a,b,c", ["a", "b", "c"]],
    [" a , b ", ["a", "b"], "a,b"],
  ],
  bad: ["", ",", "a,", ",a", "a,,b", "a,b,c,d", "a;b", "a,B"],
});

check({
  what: "words or off",
  kind: orOff(listOf(matching(/^[a-z]+$/), 3)),
  good: [
    ["off", "off"],
    ["a,b", ["a", "b"]],
  ],
  bad: ["", "OFF", "1"],
});

check({
  what: "an address to listen on",
  kind: listenAddress,
  good: [
    ["127.0.0.1:9911", { host: "127.0.0.1", port: 9_911 }],
    ["0.0.0.0:0", { host: "0.0.0.0", port: 0 }],
    ["169.254.170.2:80", { host: "169.254.170.2", port: 80 }],
    [":9912", { host: undefined, port: 9_912 }],
    ["localhost:65535", { host: "127.0.0.1", port: 65_535 }, "127.0.0.1:65535"],
    ["[::1]:9911", { host: "::1", port: 9_911 }],
    ["[FD00:EC2:0::23]:80", { host: "fd00:ec2::23", port: 80 }, "[fd00:ec2::23]:80"],
    ["[::ffff:127.0.0.1]:80", { host: "::ffff:127.0.0.1", port: 80 }],
  ],
  bad: [
    "",
    "9911",
    ":",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:65536",
    "127.0.0.1:-1",
    "127.0.0.1:99999999",
    "127.0.0.1:1e3",
    "127.1:80",
    "0x7f.0.0.1:80",
    "127.0.0.01:80",
    "256.0.0.1:80",
    "::1:9911",
    "[::1]",
    "[::1]:",
    "[127.0.0.1]:80",
    "[::1%eth0]:80",
    "[]:80",
    "example.com:80",
    "LOCALHOST:80",
    "localhost.:80",
    "http://127.0.0.1:80",
    "127.0.0.1:80/",
    " 127.0.0.1:80",
    "127.0.0.1:80\n",
    "*:80",
  ],
});

test("shows an address of no host as a port", () => {
  assert.equal(formatAddress({ host: undefined, port: 80 }), ":80");
});

const fiftyTags = Array.from({ length: 50 }, (_, index) => `k${index}=v`);

check({
  what: "session tags",
  kind: sessionTags,
  good: [
    ["team=payments", { team: "payments" }],
    ["team=payments,service=api", { team: "payments", service: "api" }],
    [" team = payments , a = b ", { team: "payments", a: "b" }, "team=payments,a=b"],
    ["team=", { team: "" }],
    ["a=b=c", { a: "b=c" }],
    ["größe=42 µm", { größe: "42 µm" }],
    ["a:b/c@d+e-f_g.h=i:j/k@l+m-n_o.p", { "a:b/c@d+e-f_g.h": "i:j/k@l+m-n_o.p" }],
    [`${"k".repeat(128)}=${"v".repeat(256)}`, { ["k".repeat(128)]: "v".repeat(256) }],
    [fiftyTags.join(","), Object.fromEntries(fiftyTags.map((tag) => tag.split("=")))],
  ],
  bad: [
    "",
    "team",
    "=payments",
    "team=a,team=b",
    "team=a,",
    `${"k".repeat(129)}=v`,
    `k=${"v".repeat(257)}`,
    "k=a;b",
    "k=\u{1F511}",
    [...fiftyTags, "k50=v"].join(","),
  ],
});

const longPolicy = (length: number) => JSON.stringify({ Version: "x".repeat(length - '{"Version":""}'.length) });

check({
  what: "a session policy",
  kind: policyDocument,
  good: [
    ["{}", "{}"],
    ['{"Version":"2012-10-17","Statement":[]}', '{"Version":"2012-10-17","Statement":[]}'],
    [longPolicy(2_048), longPolicy(2_048)],
  ],
  bad: ["", "null", "[]", '"{}"', "1", "{", "{'a':1}", "policy.json", longPolicy(2_049)],
});
