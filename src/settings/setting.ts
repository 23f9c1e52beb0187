/** What a row of the table of settings says. */
import type { Kind } from "./values.ts";

/** One row. The flag is `--` and the environment variable `SIDECAR_` plus the name. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly meaning: string;
  /** Completes "allowed: …" in an error. */
  readonly allowed: string;
  /** The value never reaches a log, an error or the output of a command. */
  readonly secret?: true;
}

export interface Defaulted {
  /** As a user would write it. */
  readonly default: string;
}

/** A row without a default: its value may be undefined. */
export const optional = <T>(setting: Setting<T>): Setting<T> => setting;
/** A row with a default: its value is never undefined. */
export const defaulted = <T>(setting: Setting<T> & Defaulted): Setting<T> & Defaulted => setting;

/** A row without the type of its value: for loops over the whole table. */
export type AnySetting = Setting<unknown> & Partial<Defaulted>;
