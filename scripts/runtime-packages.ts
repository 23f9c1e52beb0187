/** The packages that the program is made of, as the lock file names them. */
import { readFileSync } from "node:fs";

/** One package that is there at run time. */
export interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its author declares it. */
  readonly licence: string;
  /** Its folder, relative to the root. */
  readonly folder: string;
}

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly version?: string; readonly license?: string; readonly dev?: true; readonly optional?: true }
    >
  >;
}

/**
 * What `npm ls --omit=dev --omit=optional --all` shows, by name; `root` is a URL that ends in a slash. Optional are only
 * the binaries of the Node that runs a checkout: npm installs the one for the platform, which it does not do for
 * development dependencies.
 */
export function runtimePackages(root: URL): readonly RuntimePackage[] {
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8")) as Lock;
  return Object.entries(packages)
    .filter(([folder, { dev, optional }]) => folder !== "" && !dev && !optional)
    .map(([folder, { version = "", license = "UNKNOWN" }]) => ({
      name: folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      licence: license,
      folder,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The golden list: a name and a licence a line. Without versions, which renew themselves weekly and are in the lock
 * file: what a list of its own is for is the decision to depend on somebody.
 */
export function dependencyList(root: URL): string {
  return runtimePackages(root)
    .map(({ name, licence }) => `${name} ${licence}\n`)
    .join("");
}
