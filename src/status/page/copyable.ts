/** A line that people copy: into a manifest, or into a shell. Pure. */
import { type Html, html } from "./html.ts";

/** The button is shown only where scripts run; without them the line is selected by hand. */
export function copyable(what: string, line: string): Html {
  return html`<p class="line">${what} <code>${line}</code> <button type="button" class="copy">Copy</button></p>`;
}
