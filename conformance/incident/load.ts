/** Sends equal requests over kept connections, so many at once, and takes the time of each. */
import { Agent, type Dispatcher, request } from "undici";

export interface Sent {
  readonly timesMs: readonly number[];
  readonly seconds: number;
}

export interface Timed {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
}

export class Load {
  readonly #url: string;
  readonly #atOnce: number;
  readonly #dispatcher: Dispatcher;

  /** `atOnce` requests are under way at any moment: each connection sends its next one when it has its answer. */
  constructor(url: string, atOnce: number) {
    this.#url = url;
    this.#atOnce = atOnce;
    this.#dispatcher = new Agent({ connections: atOnce });
  }

  /** Rejects at the first answer other than 200: how long a failure takes says nothing. */
  async send(requests: number): Promise<Sent> {
    const timesMs: number[] = [];
    let left = requests;
    const connection = async () => {
      while (left > 0) {
        left -= 1;
        timesMs.push(await this.#timeOfOne());
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: this.#atOnce }, connection));
    return { timesMs, seconds: (performance.now() - startedAt) / 1_000 };
  }

  readonly close = (): Promise<void> => this.#dispatcher.destroy();

  async #timeOfOne(): Promise<number> {
    const startedAt = performance.now();
    const { statusCode, body } = await request(this.#url, { dispatcher: this.#dispatcher });
    const said = await body.text();
    if (statusCode !== 200) throw new Error(`${this.#url} answered ${statusCode}: ${said}`);
    return performance.now() - startedAt;
  }
}

export function timed(sent: readonly Sent[]): Timed {
  const times = sent.flatMap(({ timesMs }) => timesMs);
  const seconds = sent.reduce((sum, one) => sum + one.seconds, 0);
  return { p50Ms: percentile(times, 50), p99Ms: percentile(times, 99), perSecond: times.length / seconds };
}

/** The smallest value that so many per cent of all do not exceed; NaN without any. */
export function percentile(values: readonly number[], percent: number): number {
  const rank = Math.ceil((values.length * percent) / 100);
  return values.toSorted((a, b) => a - b)[rank - 1] ?? Number.NaN;
}
