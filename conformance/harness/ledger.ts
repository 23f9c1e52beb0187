/** Every credential that an upstream of this run really issued: what the local AWS knows. */

export interface Issued {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Empty for static keys. */
  readonly sessionToken: string;
  /** The real one, in ms since the epoch by the fixture's clock; infinite for static keys. */
  readonly expiration: number;
}

export class Ledger {
  readonly #issued = new Map<string, Issued>();

  record(issued: Issued): void {
    this.#issued.set(issued.accessKeyId, issued);
  }

  find(accessKeyId: string): Issued | undefined {
    return this.#issued.get(accessKeyId);
  }

  get size(): number {
    return this.#issued.size;
  }
}
