/** STS: gives a session for a service account's token, or for a request that is signed with another session. */
import { judge } from "../../conformance/harness/fake-aws.ts";
import { invent } from "../../conformance/harness/fake-upstream.ts";
import type { Handler, Incoming, Reply } from "../../conformance/harness/http.ts";
import type { Ledger } from "../../conformance/harness/ledger.ts";
import { readSignature } from "../../conformance/harness/signature.ts";
import { stsAnswer, stsError } from "../../test/support/sts-answers.ts";
import { type Issuer, verifiedClaims } from "./web-identity.ts";

/** What EKS gives as the audience of web identity tokens. */
const AUDIENCE = "sts.amazonaws.com";

export interface StsReport {
  readonly sessions: number;
  /** Each token that a session was given for, by its `jti`. */
  readonly tokens: readonly string[];
  readonly refused: readonly string[];
}

export class FakeSts {
  readonly #ledger: Ledger;
  readonly #issuer: Issuer;
  readonly #tokens = new Set<string>();
  readonly #refused: string[] = [];
  #sessions = 0;
  does: "answers" | "unavailable" = "answers";
  /** However long a session is asked for. In ms. */
  sessionMs: number;

  constructor(ledger: Ledger, issuer: Issuer, sessionMs: number) {
    this.#ledger = ledger;
    this.#issuer = issuer;
    this.sessionMs = sessionMs;
  }

  report(): StsReport {
    return { sessions: this.#sessions, tokens: [...this.#tokens], refused: this.#refused };
  }

  readonly handle: Handler = async (request) => {
    if (this.does === "unavailable") return replied(stsError(503, "ServiceUnavailable", "unavailable"));
    const given = new URLSearchParams(request.body.toString());
    const action = given.get("Action") ?? "none";
    try {
      if (action === "AssumeRoleWithWebIdentity") await this.#knowToken(given);
      else this.#knowSignature(request);
    } catch (error) {
      this.#refused.push(`${action}: ${error instanceof Error ? error.message : error}`);
      return replied(stsError(403, "AccessDenied", "denied"));
    }
    return replied(stsAnswer(action, this.#session()));
  };

  async #knowToken(given: URLSearchParams): Promise<void> {
    const { sub, jti } = await verifiedClaims(given.get("WebIdentityToken") ?? "", AUDIENCE, this.#issuer);
    if (!/^system:serviceaccount:[\w-]+:orders$/.test(sub)) throw new Error(`the role does not trust ${sub}`);
    this.#tokens.add(jti);
  }

  #knowSignature(request: Incoming): void {
    const judgement = judge(request, readSignature(request.headers.authorization), this.#ledger, Date.now());
    if (judgement.kind === "rejected") throw new Error(judgement.reason);
  }

  #session() {
    this.#sessions += 1;
    const expiration = Math.floor(Date.now() / 1_000) * 1_000 + this.sessionMs;
    const issued = invent(expiration);
    this.#ledger.record(issued);
    return { ...issued, expiration: `${new Date(expiration).toISOString().slice(0, 19)}Z` };
  }
}

function replied({ status = 200, headers, body }: ReturnType<typeof stsAnswer>): Reply {
  return { status, headers: headers as Readonly<Record<string, string>>, body: body ?? "" };
}
