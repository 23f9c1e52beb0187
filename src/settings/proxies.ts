/** The addresses of proxies in `HTTPS_PROXY` and `HTTP_PROXY`. Pure. */
import type { AwsVariables, Variable } from "./aws-variables.ts";
import type { SettingsProblem } from "./problems.ts";
import type { Settings } from "./table.ts";

/**
 * undici throws when it is given `proxy:3128` or a password with a bare `%`, so both are found at start. The value is not
 * shown, because it may hold a password.
 */
export function badProxies({ upstream }: Settings, aws: AwsVariables): readonly SettingsProblem[] {
  if (upstream === "demo") return [];
  const bad = (proxy: Variable | undefined) => (proxy === undefined || isProxy(proxy.value) ? [] : [proxy]);
  return [aws.httpsProxy, aws.httpProxy].flatMap(bad).map(({ name }) => ({
    code: "BadValue",
    message: `${name}: its value is not allowed; allowed: a URL such as http://proxy:3128, with %25 for % in a password`,
  }));
}

function isProxy(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^(?:https?|socks5?):$/.test(url.protocol) && [url.username, url.password].every(isEncoded);
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
