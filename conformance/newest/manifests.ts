/** The manifests of the clients, with their pins taken out: what the registries answer to them is the newest. Pure. */

/** The comment below which a requirements file pins what the packages above it need. */
const NEEDED = /^# what (?:they need|it needs)$/m;

/** The packages alone; what they need follows from them. */
export function looseRequirements(text: string): string {
  const [own = ""] = text.split(NEEDED);
  return own.replaceAll(/^([\w.[\]-]+)==.*$/gm, "$1");
}

export function looseNpm(text: string): string {
  const manifest = JSON.parse(text) as { readonly dependencies?: Readonly<Record<string, string>> };
  const dependencies = Object.fromEntries(Object.keys(manifest.dependencies ?? {}).map((name) => [name, "latest"]));
  return `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`;
}

export function looseCargo(text: string): string {
  return text.replaceAll(/"=\d[\w.+-]*"/g, '"*"');
}

/** The modules that `go get` is asked for: those required directly, in their newest version. */
export function newestGoModules(text: string): readonly string[] {
  const lines = text.matchAll(/^(?:require\s+|\s+)([\w.~-]+\.[\w.~/-]+) v\S+$/gm);
  return [...lines].map(([, path]) => `${path}@latest`);
}

/**
 * Dependencies by a range that ends with their major version: another one is another client. Those of the profiles named
 * here stay, for an old generation is there to stay old.
 */
export function looseMaven(text: string, kept: readonly string[]): string {
  const parts = text.split(/(?=<profile>)/);
  return parts.map((part) => (kept.some((id) => part.includes(`<id>${id}</id>`)) ? part : loosened(part))).join("");
}

function loosened(xml: string): string {
  return xml.replaceAll(
    /(<dependency>(?:(?!<\/dependency>)[\s\S])*?<version>)((\d+)\.[\w.-]+)(<\/version>)/g,
    "$1[$2,$3.99999)$4",
  );
}
