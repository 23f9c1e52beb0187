/**
 * What `doctor` finds, as facts. The codes are stable, for `--json` is read by programs; the sentences of `words.ts` are
 * for people and may change.
 */
import type { Calmness } from "../../policy/calmness.ts";
import type { Caution } from "../../settings/crosscheck.ts";
import type { ClientStatus } from "../../status/client-status.ts";
import type { IdentityStatus } from "../../status/status.ts";
import type { SummaryState } from "../../status/summary.ts";
import type { FailureKind } from "../../upstream/failure.ts";

/** `wrong` decides the exit status. `advice` is what works, but not as well as it could or as its author may think. */
export type Severity = "ok" | "advice" | "wrong";

/** What to do. `line` is what to write: `NAME=value` for a manifest or a shell, `unset NAME` to take away, or a command. */
export interface Remedy {
  readonly remedy?: string | undefined;
  readonly line?: string | undefined;
}

export type Finding = { readonly severity: Severity } & (Sidecar | Running | Probed | VariableFinding | Cautioned);

/** Whether a sidecar of this pod answers. */
export type Sidecar =
  | { readonly code: "sidecar-running"; readonly url: string; readonly version: string }
  | { readonly code: "sidecar-not-running"; readonly url: string | undefined }
  | { readonly code: "status-hidden"; readonly url: string }
  | { readonly code: "status-unreadable"; readonly url: string; readonly why: string };

/** The clock is told of by its own finding. */
export type SummedState = Exclude<SummaryState, "well" | "clock-skew">;

/** What the running sidecar says of itself. */
export type Running =
  | {
      readonly code: "identity";
      readonly identity: string;
      readonly upstream: string;
      readonly state: IdentityStatus["state"];
      readonly roleArn: string | undefined;
      readonly accountId: string | undefined;
      readonly accessKeyIdEnding: string | undefined;
      readonly expiration: string | undefined;
      readonly nextRefresh: string | undefined;
    }
  | ({ readonly code: "client" } & Pick<ClientStatus, "label" | "protocol" | "version" | "verdict"> & Remedy)
  | ({ readonly code: SummedState; readonly text: string } & Remedy)
  | { readonly code: "application-variables"; readonly variable: string };

/** What one call of upstream came to, by identity, and what its lifetime means. */
export type Probed =
  | {
      readonly code: "upstream-reached";
      readonly identity: string;
      readonly upstream: string;
      readonly tookMs: number;
      readonly roleArn: string | undefined;
      readonly accountId: string | undefined;
      readonly accessKeyIdEnding: string;
      /** Undefined for static keys. */
      readonly expiration: string | undefined;
    }
  | {
      readonly code: "upstream-failed";
      readonly identity: string;
      readonly upstream: string;
      readonly tookMs: number;
      readonly failure: FailureKind;
      readonly upstreamCode: string | undefined;
      readonly message: string;
    }
  | {
      readonly code: "duration-stepped-down";
      readonly identity: string;
      readonly askedS: number;
      readonly allowedS: number;
    }
  /** The longest session that the role allows, tried from 12 h down. */
  | { readonly code: "longest-session"; readonly identity: string; readonly lengthS: number }
  /** Upstream's clock less this one, in whole seconds, by the `Date` of its answer. */
  | { readonly code: "clock" | "clock-skew"; readonly offsetS: number }
  /** Of a session, in whole seconds; undefined for static keys. */
  | { readonly code: "lifetime"; readonly identity: string; readonly lengthS: number | undefined }
  | {
      readonly code: "clients";
      readonly identity: string;
      readonly verdict: Calmness;
      readonly clients: readonly string[] | "every";
    };

/** A variable of this environment that does something else than its author thinks. */
export type VariableFinding =
  | { readonly code: "uri-leads-back"; readonly variable: string; readonly address: string; readonly line?: string }
  | { readonly code: "keys-shadow-uri"; readonly shadowed: string; readonly line: string }
  | { readonly code: "relative-uri-wins"; readonly line: string }
  | { readonly code: "web-identity-wins"; readonly line: string }
  | { readonly code: "localhost-in-uri"; readonly line: string }
  | { readonly code: "proxied"; readonly variable: string; readonly host: string; readonly line: string }
  | { readonly code: "token-newline"; readonly variable: string; readonly path?: string; readonly line: string }
  | {
      readonly code: "token-file-unreadable";
      readonly variable: string;
      readonly path: string;
      readonly error: string;
    };

/** What the settings themselves make doubtful. */
export interface Cautioned {
  readonly code: "caution";
  readonly caution: Caution["code"];
  readonly text: string;
}
