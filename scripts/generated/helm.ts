/** The Helm charts' values: their schemas, and the tables in the READMEs. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { environmentName, type SettingName, settingNames, settingOf } from "../../src/settings/table.ts";

const charts = new URL("../../deploy/helm/", import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, charts), "utf8");

/** As much of JSON Schema as the charts need. */
interface Schema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly type?: "object" | "string" | "array";
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean;
}

const text = (description: string, rest: Partial<Schema> = {}): Schema => ({ type: "string", description, ...rest });
const closed = (description: string, properties: Readonly<Record<string, Schema>>, rest: Partial<Schema> = {}) =>
  ({ type: "object", description, properties, additionalProperties: false, ...rest }) as const;

/** A repository or a tag as the reference grammar of OCI images has it, and a digest of the one algorithm in use. */
const image = closed("Where the image is.", {
  repository: text("The image, without tag and digest.", { pattern: "^[a-z0-9][a-z0-9._:/-]*$" }),
  tag: text("A version.", { pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$" }),
  digest: text("`sha256:…`; takes precedence over the tag.", {
    pattern: "^(sha256:[0-9a-f]{64})?$",
  }),
});

/** Settings that the templates set themselves, and a secret, which does not belong in values. */
const TEMPLATES_OWN: readonly SettingName[] = ["listen", "admin-listen", "auth-token", "auth-token-file"];

/** The allowed words of a setting that allows only words. */
function wordsOf(name: SettingName): readonly string[] | undefined {
  const { allowed, kind } = settingOf(name);
  const words = allowed.split(", ");
  return words.length > 1 && words.every((word) => kind.read(word).kind === "ok") ? words : undefined;
}

function settingSchema(name: SettingName): Schema {
  const words = wordsOf(name);
  return text(settingOf(name).meaning, words && { enum: words });
}

const env = closed(
  "Settings (`SIDECAR_…`), AWS variables (`AWS_…`), `HTTPS_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS`, as strings.",
  Object.fromEntries([
    ...settingNames
      .filter((name) => !TEMPLATES_OWN.includes(name))
      .map((name) => [environmentName(name), settingSchema(name)]),
    ...["HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"].map((name) => [name, { type: "string" }]),
  ]),
  { patternProperties: { "^AWS_[A-Z0-9_]+$": { type: "string" } } },
);

/** What the downward API gives as a variable. */
const FIELD =
  "^(metadata\\.(name|namespace|uid)|metadata\\.(labels|annotations)\\['[^']+'\\]|spec\\.(nodeName|serviceAccountName)|status\\.(podIP|podIPs|hostIP|hostIPs))$";

const fields: Schema = {
  type: "object",
  description:
    "Settings and `POD_…` variables from the pod's fields: `POD_NAME: metadata.name`. The values of `env` may refer to them: `$(POD_NAME)`.",
  patternProperties: {
    [`^(${settingNames
      .filter((name) => !TEMPLATES_OWN.includes(name))
      .map(environmentName)
      .join("|")}|AWS_[A-Z0-9_]+|POD_[A-Z0-9_]+)$`]: { type: "string", pattern: FIELD },
  },
  additionalProperties: false,
};

const quantities: Schema = {
  type: "object",
  patternProperties: { "^[a-z]": { type: "string" } },
  additionalProperties: false,
};

const resources = closed(
  "Requests and limits, as strings. With a CPU limit, answers may be too late for SDKs that wait only one second.",
  { requests: quantities, limits: quantities },
  { patternProperties: {} },
);

const state = text(
  "`memory`: the cached credentials survive a restart of the sidecar, in a volume that is memory (`SIDECAR_STATE_FILE`).",
  { enum: ["none", "memory"] },
);

/** For a chart with several pods. */
const pods: Schema = {
  type: "object",
  description:
    "By the name of a pod, `image`, `env`, `fields`, `resources` and `state` of its own, which come before those of the whole chart.",
  patternProperties: {
    "^[a-z0-9][a-z0-9-]*$": {
      type: "object",
      properties: Object.fromEntries(
        ["image", "env", "fields", "resources", "state"].map((name) => [name, { $ref: `#/properties/${name}` }]),
      ),
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

const imagePullSecrets: Schema = {
  type: "array",
  description: "Names of secrets, which every namespace of such pods has to have.",
  items: { type: "string", pattern: "^[a-z0-9][a-z0-9.-]*$" },
};

/** Helm hands `global` to every chart that another one depends on. */
const helmsOwn = { global: { type: "object" } } as const;

const schemas: Readonly<Record<string, Schema>> = {
  "aws-credential-sidecar": closed("The values.", { image, env, fields, resources, state, pods, ...helmsOwn }),
  policy: closed("The values.", {
    image,
    apiVersion: text("`admissionregistration.k8s.io/v1beta1` on Kubernetes 1.34 and 1.35, if it is enabled.", {
      enum: ["admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1"],
    }),
    namespaceSelector: { type: "object", description: "A label selector; `{}` matches every namespace." },
    imagePullSecrets,
    resources,
    ...helmsOwn,
  }),
};

/** One row a value; an `image` is a row for each of its parts, and `env` is one row. */
function rows(schema: Schema, values: Readonly<Record<string, unknown>>, prefix = ""): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const value = values[name];
    if (name === "global") return [];
    if (property.properties && !property.patternProperties) {
      return rows(property, value as Readonly<Record<string, unknown>>, `${name}.`);
    }
    return `| \`${prefix}${name}\` | \`${JSON.stringify(value)}\` | ${property.description} |`;
  });
}

function readmeOf(chart: string, schema: Schema): string {
  const table = [
    "| value | default | meaning |",
    "| --- | --- | --- |",
    ...rows(schema, parse(read(`${chart}/values.yaml`))),
  ];
  const markers = /(?<=<!-- values -->\n)[\s\S]*(?=<!-- \/values -->)/;
  return read(`${chart}/README.md`).replace(markers, () => `${table.join("\n")}\n`);
}

/** As the formatter writes JSON: a list of words on one line, where it fits. */
function formatted(schema: Schema): string {
  const json = JSON.stringify(schema, null, 2);
  return json.replace(/^( *"enum": \[)([^\]]*)(\],?)$/gm, (whole, open: string, words: string, close: string) => {
    const line = `${open}${words.trim().replaceAll(/\s+/g, " ")}${close}`;
    return line.length <= 120 ? line : whole;
  });
}

/** Paths in the repository, and texts. */
export function helmFiles(): readonly (readonly [string, string])[] {
  return Object.entries(schemas).flatMap(([chart, schema]) => {
    const json = { $schema: "http://json-schema.org/draft-07/schema#", ...schema };
    return [
      [`deploy/helm/${chart}/values.schema.json`, `${formatted(json)}\n`],
      [`deploy/helm/${chart}/README.md`, readmeOf(chart, schema)],
    ];
  });
}
