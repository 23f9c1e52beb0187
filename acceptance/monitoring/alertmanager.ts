/** What Prometheus tells of alerts to: an address that takes them as Alertmanager does. */
import type { TestContext } from "node:test";
import { fakeServer } from "../../test/support/fake-http.ts";

export interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Receiver {
  /** `host:port`. */
  readonly address: string;
  /** Every alert so far, as often as it was told. */
  readonly alerts: readonly FiredAlert[];
  /** The first alert with this name for this pod; waits until it comes. */
  readonly fired: (name: string, pod: string) => Promise<FiredAlert>;
}

export async function receiveAlerts(t: TestContext): Promise<Receiver> {
  const alerts: FiredAlert[] = [];
  let heard: (() => void)[] = [];
  const { port } = await fakeServer(t, ({ body }) => {
    alerts.push(...(JSON.parse(body) as readonly FiredAlert[]));
    const waiting = heard;
    heard = [];
    for (const tell of waiting) tell();
    return {};
  });
  const fired: Receiver["fired"] = async (name, pod) => {
    for (;;) {
      const found = alerts.find(({ labels }) => labels.alertname === name && labels.pod === pod);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => heard.push(resolve));
    }
  };
  return { address: `127.0.0.1:${port}`, alerts, fired };
}
