import assert from "node:assert/strict";
import { test } from "node:test";
import {
  environmentName,
  flagName,
  type SettingName,
  settingNames,
  settingOf,
  showSetting,
} from "../../src/settings/table.ts";
import { resolved } from "../support/resolved.ts";

test("names the flag and the variable of a setting alike", () => {
  assert.equal(flagName("role-arn"), "--role-arn");
  assert.equal(environmentName("role-arn"), "SIDECAR_ROLE_ARN");
});

for (const name of settingNames) {
  const { kind, default: fallback, meaning, allowed } = settingOf(name);

  test(`has a name, a meaning and allowed values for ${name}`, () => {
    assert.match(name, /^[a-z]+(?:-[a-z]+)*$/);
    assert.match(meaning, /\.$/);
    assert.doesNotMatch(`${meaning}${allowed}`, /\||\n/);
  });

  if (fallback === undefined) continue;

  test(`reads the default of ${name}, and what it shows for it`, () => {
    const read = kind.read(fallback);
    assert.equal(read.kind, "ok");
    assert.deepEqual(kind.read(kind.show(read.value)), read);
  });
}

test("shows the one secret as set or unset, and nothing of it", () => {
  assert.deepEqual(
    settingNames.filter((name) => settingOf(name).secret),
    ["auth-token"],
  );
  assert.equal(showSetting("auth-token", "fake-token"), "set");
  assert.equal(showSetting("auth-token", undefined), "unset");
});

const shown: readonly (readonly [name: SettingName, text: string, shown?: string])[] = [
  ["listen", "127.0.0.1:9911,[::1]:9911"],
  ["listen", "localhost:80 , :81", "127.0.0.1:80,:81"],
  ["admin-listen", "off"],
  ["client", "boto3", "botocore"],
  ["duration", "90m", "1h30m"],
  ["session-tags", "a=b,c=d"],
  ["transitive-tag-keys", "a, b", "a,b"],
  ["auth-token-file", "/run/token"],
  ["profiles", "app, reports", "app,reports"],
];

for (const [name, text, expected = text] of shown) {
  test(`shows ${name} ${text} as ${expected}`, () => {
    assert.equal(showSetting(name, resolved([`${flagName(name)}=${text}`]).settings[name]), expected);
  });
}

test("finds a client by its alias", () => {
  assert.equal(resolved(["--client=boto3"]).settings.client, resolved(["--client=botocore"]).settings.client);
});
