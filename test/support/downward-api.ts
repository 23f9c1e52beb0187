/** What the kubelet makes of the variables in a manifest. */

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

/** What the downward API gives for a pod of a Deployment. */
const pod: Readonly<Record<string, string>> = {
  "metadata.name": "orders-7d9f8b6c5-x2x4q",
  "metadata.namespace": "shop",
  "spec.serviceAccountName": "orders",
};

/** A reference to a variable that came before is replaced, any other stays as it is. */
export function environmentOf(variables: readonly Variable[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { name, value = "", valueFrom } of variables) {
    const given = valueFrom === undefined ? undefined : pod[valueFrom.fieldRef.fieldPath];
    env[name] = given ?? value.replaceAll(/\$\((\w+)\)/g, (reference, used: string) => env[used] ?? reference);
  }
  return env;
}
