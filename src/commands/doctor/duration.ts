/** What was learned of how long a role's sessions may last, as findings. Pure. */
import { formatDuration, SECOND } from "../../time.ts";
import type { SessionDuration } from "../../upstream/requested-duration.ts";
import type { Finding } from "./finding.ts";

/** `duration` is undefined where it is not ours to set. */
export function durationFindings(identity: string, duration: SessionDuration | undefined): readonly Finding[] {
  if (duration === undefined) return [];
  const facts = { identity, ...duration };
  const asked = words(duration.askedSeconds);
  if (duration.limit === undefined) {
    const text = `${identity}: the role allows sessions of ${asked}, as asked for`;
    return [{ severity: "ok", code: "duration", facts, text }];
  }
  const text = `${identity}: ${shorterWords(duration)}`;
  const remedy =
    duration.limit === "chaining"
      ? "let the pod assume the role directly, or ask for what chaining allows"
      : "raise the role's MaxSessionDuration, or ask for what it allows";
  // While the search goes on, nobody knows which duration to write.
  const line = duration.refusedSeconds === undefined ? `SIDECAR_DURATION=${words(duration.allowedSeconds)}` : undefined;
  return [{ severity: "advice", code: "duration-stepped-down", facts, text, remedy, line }];
}

function shorterWords({ askedSeconds, allowedSeconds, limit, refusedSeconds }: SessionDuration): string {
  const allowed = words(allowedSeconds);
  if (limit === "chaining") {
    return `the role is assumed with the session of another role, for which STS gives ${allowed} at most, not ${words(askedSeconds)}`;
  }
  if (refusedSeconds === undefined) return `the role allows sessions of ${allowed}, not of ${words(askedSeconds)}`;
  return `the role allows sessions of ${allowed}, and none of ${words(refusedSeconds)}; a sidecar that runs finds out what is between at its refreshes`;
}

function words(seconds: number): string {
  return formatDuration(seconds * SECOND);
}
