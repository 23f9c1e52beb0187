import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { dropReasons } from "../../src/drops.ts";
import { refusalReasons } from "../../src/refusals.ts";
import { type Summary, type SummaryInput, summaryOf } from "../../src/status/summary.ts";
import { failureKinds } from "../../src/upstream/failure.ts";

type Identity = SummaryInput["identities"][number];
type Client = SummaryInput["clients"][number];

const cached: Identity = {
  identity: "default",
  state: "cached",
  expiration: "2026-01-01T01:00:00Z",
  honestExpiration: "2026-01-01T00:59:00Z",
  honestSecondsLeft: 2_940,
};
const ended: Identity = { ...cached, state: "expired", honestSecondsLeft: -60 };
const loading: Identity = { identity: "default", state: "loading" };
const said = "upstream denied the request (AccessDenied, HTTP 403)";
const failing = (identity: Identity, kind = "denied"): Identity => ({
  ...identity,
  failure: { class: kind, message: said },
});

function summed(identities: readonly Identity[], given: Partial<SummaryInput> = {}): readonly Summary[] {
  return summaryOf({ identities, clients: [], refusals: [], drops: [], ...given });
}

suite("the summary", () => {
  test("says that all is well, and nothing else, when every identity is held and nobody storms", () => {
    assert.deepEqual(summed([cached, { ...cached, identity: "reports" }]), [{ state: "well", sentence: "All well." }]);
  });

  test("says that nothing is wrong yet while the first credentials are on their way", () => {
    assert.deepEqual(summed([loading]), [
      {
        state: "starting",
        sentence: "default: the first credentials are on their way; applications wait a moment for them.",
      },
    ]);
  });

  test("says that applications get errors when nothing was ever loaded", () => {
    const [cold, ...more] = summed([failing(loading)]);
    assert.equal(cold?.state, "cold");
    assert.equal(cold?.sentence, `default: there are no credentials yet, so applications get errors: ${said}.`);
    assert.match(cold?.remedy ?? "", /trust policy/);
    assert.deepEqual(more, []);
  });

  test("says since when applications get errors when what was held has ended", () => {
    const [expired] = summed([failing(ended)]);
    assert.equal(expired?.state, "expired");
    assert.match(
      expired?.sentence ?? "",
      /^default: the credentials ended at 2026-01-01T00:59:00Z, so applications get/,
    );
    assert.match(expired?.remedy ?? "", /trust policy/);
  });

  test("does not blame upstream for credentials that ended before it was asked again", () => {
    const [expired] = summed([ended]);
    assert.match(expired?.sentence ?? "", /applications get errors: new ones are on their way\.$/);
    assert.equal(expired?.remedy, undefined);
  });

  test("says how long an outage is survived", () => {
    const [outage] = summed([failing(cached)]);
    assert.equal(outage?.state, "outage");
    assert.equal(
      outage?.sentence,
      `default: ${said}. Applications notice nothing: they are served from memory for another 49m.`,
    );
  });

  test("sets no end to static keys in an outage", () => {
    const [outage] = summed([failing({ ...cached, expiration: "none (static keys)" })]);
    assert.match(outage?.sentence ?? "", /they are served from memory\.$/);
  });

  for (const kind of failureKinds) {
    test(`has a cure when upstream's failure is ${kind}`, () => {
      assert.ok(summed([failing(loading, kind)])[0]?.remedy);
    });
  }

  test("cures upstream's own error code more exactly than its class", () => {
    const failure = { class: "denied", message: said, code: "InvalidIdentityToken" };
    const [cold] = summed([{ ...loading, failure }]);
    assert.match(cold?.remedy ?? "", /sts\.amazonaws\.com.* client IDs/);
  });

  test("has no cure for a class of failure that it does not know", () => {
    const failure = { class: "constructor", message: "unheard of" };
    const [cold] = summed([{ ...loading, failure }]);
    assert.deepEqual([cold?.state, cold?.remedy], ["cold", undefined]);
  });

  for (const [offset, way] of [
    [600, "600 s behind"],
    [-60, "60 s ahead of"],
  ] as const) {
    test(`warns of a clock that is ${way} upstream's, once for all identities`, () => {
      const off = { ...cached, clockOffsetSeconds: offset };
      const [skew, ...more] = summed([cached, off, { ...off, identity: "reports" }]);
      assert.equal(skew?.state, "clock-skew");
      assert.equal(skew?.sentence, `Beware: this clock is ${way} upstream's.`);
      assert.match(skew?.remedy ?? "", /^set the node's clock/);
      assert.deepEqual(more, []);
    });
  }

  test("is silent about clocks that are less than a minute apart", () => {
    assert.equal(summed([{ ...cached, clockOffsetSeconds: -59 }])[0]?.state, "well");
  });

  const storming: Client = {
    label: "botocore",
    verdict: "storming",
    reported: { at: "2026-01-01T00:00:00Z", expiration: "2026-01-01T00:08:30Z", secondsLeft: 510 },
    advisoryWindowSeconds: 900,
    remedy: { text: "name the client", line: "SIDECAR_CLIENT=botocore" },
  };

  test("says why a client storms, what it costs, and which line ends it", () => {
    assert.deepEqual(summed([cached], { clients: [storming] }), [
      {
        state: "storm",
        sentence:
          "botocore fetches credentials again at every use, and its requests wait for that: it gets 8m30s, and wants more than 15m.",
        remedy: "name the client",
        line: "SIDECAR_CLIENT=botocore",
      },
    ]);
  });

  test("says of a storming client that nobody knows that what it gets is too short", () => {
    const { advisoryWindowSeconds, ...unknown } = { ...storming, label: "other", remedy: { text: "name it" } };
    const [storm] = summed([cached], { clients: [unknown] });
    assert.match(storm?.sentence ?? "", /^other fetches .+: it gets 8m30s, which is too short for it\.$/);
    assert.deepEqual([storm?.remedy, storm?.line], ["name it", undefined]);
  });

  test("tells of a client once that storms on several identities", () => {
    assert.equal(summed([cached], { clients: [storming, { ...storming }] }).length, 1);
  });

  for (const verdict of ["calm", "inside-window", "nothing"] as const) {
    test(`is silent about a client whose verdict is ${verdict}`, () => {
      assert.equal(summed([cached], { clients: [{ ...storming, verdict }] })[0]?.state, "well");
    });
  }

  for (const reason of refusalReasons) {
    test(`says why requests were refused, and what to do: ${reason}`, () => {
      const [refusals, ...more] = summed([cached], { refusals: [{ reason, lately: 12 }] });
      assert.equal(refusals?.state, "refusals");
      assert.match(refusals?.sentence ?? "", /^12 requests were refused lately: .+\.$/);
      assert.ok(refusals?.remedy);
      assert.deepEqual(more, []);
    });
  }

  test("writes the line that ends a refusal, where one line does", () => {
    const named = refusalReasons.flatMap((reason) => {
      const [refusals] = summed([cached], { refusals: [{ reason, lately: 1 }] });
      return refusals?.line === undefined ? [] : [refusals.line.replace(/=.*/, "")];
    });
    assert.deepEqual(named, [
      "NO_PROXY",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
      "SIDECAR_IMDS",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ]);
  });

  test("is silent about reasons for which nothing was refused lately", () => {
    assert.equal(summed([cached], { refusals: [{ reason: "host", lately: 0 }] })[0]?.state, "well");
  });

  for (const reason of dropReasons) {
    test(`says why connections were dropped, and what to do: ${reason}`, () => {
      const [drops, ...more] = summed([cached], { drops: [{ reason, lately: 12 }] });
      assert.equal(drops?.state, "drops");
      assert.match(drops?.sentence ?? "", /^12 connections were ended lately: .+\.$/);
      assert.ok(drops?.remedy);
      assert.deepEqual(more, []);
      assert.equal(summed([cached], { drops: [{ reason, lately: 0 }] })[0]?.state, "well");
    });
  }

  test("tells the worst first, and the most frequent refusal before the others", () => {
    const reported = summed(
      [
        { ...cached, identity: "cached" },
        { ...failing(cached), identity: "failing" },
        { ...loading, identity: "starting" },
        { ...failing(loading), identity: "cold" },
        { ...failing(ended), identity: "expired" },
      ],
      {
        clients: [storming],
        drops: [{ reason: "evicted", lately: 1 }],
        refusals: [
          { reason: "host", lately: 1 },
          { reason: "token", lately: 3 },
        ],
      },
    );
    assert.deepEqual(
      reported.map(({ state, sentence }) => `${state}: ${sentence.split(/[ :]/)[0]}`),
      [
        "expired: expired",
        "cold: cold",
        "starting: starting",
        "outage: failing",
        "storm: botocore",
        "drops: 1",
        "refusals: 3",
        "refusals: 1",
      ],
    );
  });
});
