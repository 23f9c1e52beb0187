/** A time of day in the page. Pure; times in ms since the epoch. */
import { formatTime } from "../../time.ts";
import { timeOfDay } from "../words.ts";
import { type Html, html } from "./html.ts";

/** The time of day, by UTC; with its date when that is another day's. */
export function clock(time: number, now: number): Html {
  return html`<time datetime="${formatTime(time)}">${timeOfDay(time, now)}</time>`;
}
