/** The settings in force as people and programs are shown them. Pure. */
import { inForce } from "./exposure.ts";
import { type Resolved, showSource } from "./resolve.ts";
import { environmentName, settingNames, showSetting } from "./table.ts";

export interface ShownSetting {
  readonly variable: string;
  /** As a user would write it; a secret only as `set`. */
  readonly value: string;
  /** Where the value came from, in a word or a name. */
  readonly source: string;
}

/** Every setting, in the order of the table; without a value and a default, both value and source are `unset`. */
export function shownSettings(resolved: Resolved): readonly ShownSetting[] {
  const settings = inForce(resolved);
  return settingNames.map((name) => ({
    variable: environmentName(name),
    value: showSetting(name, settings[name]),
    source: showSource(resolved.sources[name]),
  }));
}
