/** The OpenAPI schemas of one minor of Kubernetes, strict: a field that they do not name is an error. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { root } from "./manifests.ts";

/** The three newest, as `install.sh` brings them. */
export const minors: readonly string[] = ["1.37", "1.36", "1.35"];

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What is wrong with an object, in ajv's words; none when it is right. */
export type Validate = (object: { readonly apiVersion: string; readonly kind: string }) => readonly string[];

/** A kind that this minor does not serve is an error too. */
export function validatorOf(minor: string): Validate {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const schemas = new Map<string, string>();
  for (const [name, { components }] of documentsOf(minor)) {
    ajv.addSchema({ $id: name, components: { schemas: closed(components.schemas) } });
    for (const [schema, { "x-kubernetes-group-version-kind": kinds = [] }] of Object.entries(components.schemas)) {
      const [kind, ...others] = kinds;
      // Schemas of many kinds (DeleteOptions, Status) are no manifest's.
      if (kind !== undefined && others.length === 0) schemas.set(keyOf(kind), `${name}#/components/schemas/${schema}`);
    }
  }
  return (object) => {
    const kind = `${object.apiVersion}/${object.kind}`;
    const validate = ajv.getSchema(schemas.get(kind) ?? "");
    if (validate === undefined) return [`Kubernetes ${minor} serves no ${kind}`];
    validate(object);
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group === "" ? "" : `${group}/`}${version}/${kind}`;
}

function documentsOf(minor: string): readonly (readonly [name: string, document: Document])[] {
  const folder = `${root}/acceptance/kubernetes/build/openapi/${minor}`;
  return readdirSync(folder)
    .filter((name) => /^apis?__.*v1(?:beta1)?_openapi\.json$/.test(name))
    .map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as Document] as const);
}

/** The API server refuses unknown fields of what it validates strictly; the schemas do not say so. */
function closed(schemas: Readonly<Record<string, Schema>>): Readonly<Record<string, object>> {
  const entries = Object.entries(schemas).map(([name, schema]) => [
    name,
    schema.properties === undefined ? schema : { ...schema, additionalProperties: false },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, object>>;
}
