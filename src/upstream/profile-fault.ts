/** Faults in profiles and variables, found before anything is asked. Pure. */
import { type Subject, UpstreamFailure } from "./failure.ts";

/** A failure that only a change of the settings, of a profile or of a variable ends. */
export function fault(message: string, subject: Subject = {}): UpstreamFailure {
  return new UpstreamFailure("not-configured", message, { subject });
}

/** The fault of a profile, in words that complete "the profile NAME …", and the setting to change. */
export function profileFault(profile: string, words: string, setting?: string): UpstreamFailure {
  return fault(`the profile ${quoted(profile)} ${words}`, { profile, ...(setting !== undefined && { setting }) });
}

/** A name in a message. */
export function quoted(name: string): string {
  return JSON.stringify(name);
}
