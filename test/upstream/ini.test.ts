/** The dialect of the shared files. What is expected here is what botocore 1.44 reads, but where a test says otherwise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { nestedTextOf, parseIni, textOf, wholeTextOf } from "../../src/upstream/ini.ts";
import { nameAfter, shellWords } from "../../src/upstream/section-names.ts";

const read = (text: string) =>
  Object.fromEntries([...parseIni(text)].map(([name, section]) => [name, Object.fromEntries(section)]));

for (const [name, text, expected] of [
  ["keys of any case", "[a]\nRegion = x\nROLE_ARN=y\n", { a: { region: "x", role_arn: "y" } }],
  ["a byte order mark (which botocore refuses)", "\uFEFF[a]\nregion = x\n", { a: { region: "x" } }],
  ["line ends of Windows", "[a]\r\nregion = x\r\n", { a: { region: "x" } }],
  ["colons for equals signs", "[a]\nregion: x\n", { a: { region: "x" } }],
  ["line separators of Unicode within a value", "[a]\nregion = x\u2028y = z\n", { a: { region: "x\u2028y = z" } }],
  ["values with equals signs", "[a]\nexternal_id = a=b=\n", { a: { external_id: "a=b=" } }],
  ["comments on lines of their own", "# one\n[a]\n; two\n  # three\nregion = x\n", { a: { region: "x" } }],
  ["a comment behind a section", "[a] # one\nregion = x\n", { a: { region: "x" } }],
  [
    "a profile that is indented as a whole",
    "[a]\n  region = x\n  role_arn = y\n",
    { a: { region: "x", role_arn: "y" } },
  ],
  ["empty values", "[a]\nsource_profile =\nregion = x\n", { a: { source_profile: "", region: "x" } }],
  [
    "settings that are indented after others (as the SDKs but botocore do)",
    "[a]\nregion = x\n  role_arn = y\n",
    { a: { region: "x", role_arn: "y" } },
  ],
  [
    "a command line that goes on",
    "[a]\ncredential_process = tool\n  --name=value\n",
    { a: { credential_process: "tool --name=value" } },
  ],
  ["defaults for every section", "[DEFAULT]\nregion = x\n[a]\noutput = json\n", { a: { region: "x", output: "json" } }],
  ["a section without settings", "[a]\n", { a: {} }],
] as const) {
  test(`reads ${name}`, () => {
    assert.deepEqual(read(text), expected);
  });
}

test("reads indented settings below an empty one", () => {
  const section = parseIni(
    "[services s]\nsts =\n  endpoint_url = https://a.test\n  Other = 1\ns3 =\n  endpoint_url = https://b.test\n",
  ).get("services s");
  assert.equal(nestedTextOf(section, "sts", "endpoint_url"), "https://a.test");
  assert.equal(nestedTextOf(section, "s3", "endpoint_url"), "https://b.test");
  assert.equal(nestedTextOf(section, "sso", "endpoint_url"), undefined);
  assert.equal(textOf(section, "sts"), undefined);
});

test("a comment behind a value is left out, but not of a value that is asked for whole", () => {
  const section = parseIni("[a]\nregion = x # here\nempty = ; nothing\nurl = http://a/#b\n").get("a");
  assert.deepEqual([textOf(section, "region"), wholeTextOf(section, "region")], ["x", "x # here"]);
  assert.deepEqual([textOf(section, "empty"), textOf(section, "url")], ["", "http://a/#b"]);
});

for (const [name, text, line] of [
  ["a line that is neither", "[a]\nregion = x\nnonsense\n", 3],
  ["a setting before every section", "region = x\n", 1],
  ["a section that is opened twice", "[a]\nregion = x\n[a]\n", 3],
  ["a setting that is made twice", "[a]\nregion = x\nREGION = y\n", 3],
  ["a page", "<html></html>", 1],
] as const) {
  test(`refuses ${name}, by its line`, () => {
    assert.throws(() => parseIni(text), { name: "IniError", line });
  });
}

for (const [header, name] of [
  ["profile app", "app"],
  ["profile   app", "app"],
  ['profile "my app"', "my app"],
  ["profile 'my app'", "my app"],
  ["profile my\\ app", "my app"],
  ['profile a"b c"d', "ab cd"],
  ["profile my app", undefined],
  ["profile", undefined],
  ["profiles app", undefined],
  ['profile "open', undefined],
  ["app", undefined],
] as const) {
  test(`[${header}] is ${name === undefined ? "no profile" : `the profile ${name}`}`, () => {
    assert.equal(nameAfter("profile", header), name);
  });
}

test("words are split as a shell splits them", () => {
  assert.deepEqual(shellWords(`a "b \\" c" 'd\\' e\\ f ""`), ["a", 'b " c', "d\\", "e f", ""]);
});
