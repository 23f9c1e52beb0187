/**
 * `npm run publish-package -- TARBALL`: publishes the packed package, unless that was done already. npm lets a workflow
 * publish only into a package that exists, so the first version of a new name is published by hand: this says how, and
 * does not hold up the rest of the release.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { distTag } from "./release-check.ts";
import { releaseNames } from "./release-names.ts";

/** What the registry has of this package. */
export type Published =
  | { readonly kind: "unknown-package" }
  | { readonly kind: "no-such-version" }
  | { readonly kind: "version"; readonly integrity: string };

/** What is to be done, given what the registry has. */
export function publishing(published: Published, integrity: string): "by-hand" | "publish" | "done" | "conflict" {
  switch (published.kind) {
    case "unknown-package":
      return "by-hand";
    case "no-such-version":
      return "publish";
    case "version":
      return published.integrity === integrity ? "done" : "conflict";
  }
}

/** Asks the registry that npm is set up with. Throws when it answers with anything but the package or E404. */
export function published(name: string, version: string): Published {
  const view = (...args: readonly string[]): string | undefined => {
    try {
      return execFileSync("npm", ["view", ...args, "--json"], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      }).trim();
    } catch (thrown) {
      if (String((thrown as { stdout?: string }).stdout).includes('"E404"')) return undefined;
      throw thrown;
    }
  };
  if (view(name, "name") === undefined) return { kind: "unknown-package" };
  const integrity = view(`${name}@${version}`, "dist.integrity");
  return integrity ? { kind: "version", integrity: JSON.parse(integrity) } : { kind: "no-such-version" };
}

function publish(tarball: string): void {
  const { package: name, version } = releaseNames(new URL("../", import.meta.url));
  const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
  const args = ["publish", tarball, "--access", "public", "--ignore-scripts", "--tag", distTag(version)];
  switch (publishing(published(name, version), integrity)) {
    case "publish":
      execFileSync("npm", [...args, "--provenance"], { stdio: "inherit" });
      break;
    case "done":
      console.log(`${name}@${version} is published already, with the same content`);
      break;
    case "by-hand":
      console.log(
        `::warning::${name} is not in the registry yet. Publish its first version by hand: npm ${args.join(" ")}`,
      );
      console.log("Then name this workflow as its trusted publisher (https://docs.npmjs.com/trusted-publishers).");
      break;
    case "conflict":
      throw new Error(
        `${name}@${version} is published already, with other content: a version is never published twice`,
      );
  }
}

if (import.meta.main) publish(process.argv[2] ?? "");
