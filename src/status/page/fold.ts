/** What is well and not asked for waits behind its number. Pure; the browser opens it without a script. */
import { count } from "../words.ts";
import { type Html, html } from "./html.ts";

/** `what` in the singular. Undefined when there is nothing to show. */
export function fold<Item>(
  items: readonly Item[],
  show: (items: readonly Item[]) => Html | readonly Html[] | undefined,
  what: string,
): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<details class="more" data-open="false"><summary>${count(items.length, what)}</summary>${show(items)}</details>`;
}
