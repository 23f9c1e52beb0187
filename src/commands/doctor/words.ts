/** A finding as a sentence, with what to do about it. Pure. */

import type { Calmness } from "../../policy/calmness.ts";
import { UNKNOWN_EXPIRATION } from "../../status/status.ts";
import { formatDuration, SECOND } from "../../time.ts";
import { clockSkewRemedy, skewSentence } from "../../upstream/clock-skew.ts";
import { remedyFor } from "../../upstream/remedies.ts";
import type { Finding, Probed, Remedy, Running, Sidecar, VariableFinding } from "./finding.ts";

export interface Words extends Remedy {
  readonly text: string;
}

export function wordsOf(finding: Finding): Words {
  switch (finding.code) {
    case "caution":
      return { text: finding.text };
    case "sidecar-running":
    case "sidecar-not-running":
    case "status-hidden":
    case "status-unreadable":
      return ofSidecar(finding);
    case "identity":
    case "client":
    case "application-variables":
    case "expired":
    case "cold":
    case "starting":
    case "outage":
    case "storm":
    case "drops":
    case "refusals":
      return ofRunning(finding);
    case "upstream-reached":
    case "upstream-failed":
    case "duration-stepped-down":
    case "longest-session":
    case "clock":
    case "clock-skew":
    case "lifetime":
    case "clients":
      return ofProbed(finding);
    default:
      return ofVariable(finding);
  }
}

function ofSidecar(finding: Sidecar): Words {
  switch (finding.code) {
    case "sidecar-running":
      return { text: `the sidecar that runs at ${finding.url} (version ${finding.version}) says` };
    case "sidecar-not-running": {
      const where = finding.url === undefined ? "SIDECAR_ADMIN_LISTEN is off" : `nothing listens at ${finding.url}`;
      return { text: `no sidecar can be asked (${where}): this is about the settings that it would start with` };
    }
    case "status-hidden":
      return {
        text: `the sidecar that runs at ${finding.url} does not show its status: this is about the settings`,
        remedy: "let this pod read it",
        line: "SIDECAR_STATUS=loopback",
      };
    case "status-unreadable":
      return {
        text: `what answers at ${finding.url} is no sidecar of this version (${finding.why}): this is about the settings`,
        remedy: "tell where the sidecar's admin listener is, or what else has its port",
        line: "SIDECAR_ADMIN_LISTEN=:9912",
      };
  }
}

function ofRunning(finding: Running): Words {
  switch (finding.code) {
    case "identity": {
      const { identity, upstream, state, accessKeyIdEnding, expiration, nextRefresh } = finding;
      const key =
        accessKeyIdEnding === undefined ? "" : `, ${whose(finding)}, ${keyAndEnd(accessKeyIdEnding, expiration)}`;
      return { text: `${identity}: ${upstream}, ${state}${key}; upstream is asked next ${nextRefresh ?? "now"}` };
    }
    case "client": {
      const { label, protocol, version = "", verdict, remedy, line } = finding;
      return { text: `${[label, version].join(" ").trim()} (${protocol}) ${seen[verdict]}`, remedy, line };
    }
    case "application-variables":
      return { text: `${finding.variable} leads to the sidecar: these variables are an application's` };
    default:
      return { text: finding.text, remedy: finding.remedy, line: finding.line };
  }
}

const seen = {
  calm: "is calm",
  "inside-window": "may read at every use, though it is not used that often",
  storming: "reads at every use",
  nothing: "asked, and was told nothing yet",
} as const;

function whose({
  roleArn,
  accountId,
}: {
  readonly roleArn?: string | undefined;
  readonly accountId?: string | undefined;
}) {
  return roleArn ?? (accountId === undefined ? "role not known" : `account ${accountId}`);
}

function keyAndEnd(ending: string, expiration: string | undefined): string {
  if (expiration === UNKNOWN_EXPIRATION) return `key …${ending}, a session whose end is unknown`;
  const endless = Number.isNaN(Date.parse(expiration ?? ""));
  return `key …${ending}, ${endless ? "static keys, without an end" : `expires ${expiration}`}`;
}

function ofProbed(finding: Probed): Words {
  switch (finding.code) {
    case "upstream-reached": {
      const { identity, upstream, tookMs, accessKeyIdEnding, expiration } = finding;
      const what = `${whose(finding)}, ${keyAndEnd(accessKeyIdEnding, expiration)}`;
      return { text: `${identity}: ${upstream} answered in ${tookMs} ms: ${what}` };
    }
    case "upstream-failed": {
      const { identity, upstream, message, tookMs, failure, upstreamCode } = finding;
      return {
        text: `${identity}: ${upstream}: ${message} (after ${tookMs} ms)`,
        remedy: remedyFor(failure, upstreamCode),
      };
    }
    case "duration-stepped-down": {
      const [asked, allowed] = [finding.askedS, finding.allowedS].map((seconds) => formatDuration(seconds * SECOND));
      return {
        text: `${finding.identity}: the role allows sessions of ${allowed}, not of ${asked}`,
        remedy:
          "raise the role's MaxSessionDuration, which helps only where the role is not chained, or ask for what it allows",
        line: `SIDECAR_DURATION=${allowed}`,
      };
    }
    case "longest-session": {
      const { identity, lengthS } = finding;
      return {
        text: `${identity}: the longest session that the role allows, from 12h down: ${formatDuration(lengthS * SECOND)}`,
      };
    }
    case "clock":
      return { text: `this clock agrees with upstream's (${Math.abs(finding.offsetS)} s apart)` };
    case "clock-skew":
      return { text: skewSentence(finding.offsetS), remedy: clockSkewRemedy };
    case "lifetime": {
      const { identity, lengthS } = finding;
      const length = lengthS === undefined ? "no client is ever near an end" : formatDuration(lengthS * SECOND);
      return { text: `${identity}: lifetime: ${length}` };
    }
    case "clients":
      return ofClients(finding.verdict, finding.clients === "every" ? "every client" : finding.clients.join(", "));
  }
}

function ofClients(verdict: Calmness, names: string): Words {
  switch (verdict) {
    case "calm":
      return { text: `calm: ${names}` };
    case "calm-when-named":
      return {
        text: `calm when named: ${names}`,
        remedy:
          "name the client with SIDECAR_CLIENT, or in its URI (/v1/for/{client}/credentials); Java says who it is",
      };
    case "now-and-then":
      return { text: `read now and then, at most once a minute on the average: ${names}` };
    case "storms":
      return {
        text: `read at every use, from memory: ${names}`,
        remedy: "let upstream issue longer sessions: one hour calms every client",
      };
  }
}

function ofVariable(finding: VariableFinding): Words {
  switch (finding.code) {
    case "uri-leads-back":
      return {
        text: `${finding.variable} leads back to this sidecar (${finding.address}), which would ask itself`,
        remedy: "set it on the application's container, not on the sidecar's",
        line: finding.line,
      };
    case "keys-shadow-uri":
      return {
        text: `AWS_ACCESS_KEY_ID is set: the SDKs take those keys and never look at ${finding.shadowed}`,
        remedy: "take the keys out of this container",
        line: finding.line,
      };
    case "relative-uri-wins":
      return {
        text: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set too: most SDKs take it before AWS_CONTAINER_CREDENTIALS_FULL_URI",
        remedy: "take it out of this container",
        line: finding.line,
      };
    case "web-identity-wins":
      return {
        text: "AWS_WEB_IDENTITY_TOKEN_FILE is set too: the SDKs ask STS themselves and never look at the container's URI",
        remedy: "take it out of this container (on EKS: a service account without the role's annotation)",
        line: finding.line,
      };
    case "localhost-in-uri":
      return {
        text: "AWS_CONTAINER_CREDENTIALS_FULL_URI says localhost, which Swift, fluent-bit and others refuse",
        remedy: "write the address",
        line: finding.line,
      };
    case "proxied":
      return {
        text: `${finding.variable} is set, and NO_PROXY does not name ${finding.host}: clients that honour it ask the proxy for credentials`,
        remedy: "name the sidecar's address in NO_PROXY of the application's container",
        line: finding.line,
      };
    case "token-newline":
      return {
        text: `the token of ${finding.variable}${finding.path === undefined ? "" : ` (${finding.path})`} has a line break: most clients send it as it is, or refuse it`,
        remedy: "write it without one",
        line: finding.line,
      };
    case "token-file-unreadable":
      return {
        text: `the token file of ${finding.variable} (${finding.path}) cannot be read (${finding.error})`,
        remedy: "check the volume, and fsGroup and runAsUser against the file's mode",
      };
  }
}
