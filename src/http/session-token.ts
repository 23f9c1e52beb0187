import { createHmac, timingSafeEqual } from "node:crypto";
import type { Edge } from "../edge.ts";
import { SECOND } from "../time.ts";

/** IMDSv2: a session lives 1 s to 6 h (EC2 user guide). */
const MAX_TTL_S = 21_600;
const EXPIRY_BYTES = 8;
const MAC_BYTES = 24;

/**
 * IMDSv2 session tokens that need no table: the expiry and its HMAC under a key of this process. After a restart the
 * old ones are invalid, and clients ask for another on the 401.
 */
export class SessionTokens {
  readonly #edge: Pick<Edge, "clock" | "randomBytes">;
  #key: Buffer | undefined;

  constructor(edge: Pick<Edge, "clock" | "randomBytes">) {
    this.#edge = edge;
  }

  /** A token for the whole TTL asked for, or undefined when the header is not a whole number from 1 to 21600. */
  issue(ttl: string | undefined): string | undefined {
    const seconds = /^\d{1,5}$/.test(ttl ?? "") ? Number(ttl) : 0;
    if (seconds < 1 || seconds > MAX_TTL_S) return undefined;
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeDoubleBE(this.#edge.clock.now() + seconds * SECOND);
    return Buffer.concat([expiry, this.#mac(expiry)]).toString("base64url");
  }

  isValid(token: string): boolean {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== EXPIRY_BYTES + MAC_BYTES) return false;
    const expiry = bytes.subarray(0, EXPIRY_BYTES);
    return (
      timingSafeEqual(bytes.subarray(EXPIRY_BYTES), this.#mac(expiry)) && expiry.readDoubleBE() > this.#edge.clock.now()
    );
  }

  /** The key is made for the first session: OpenSSL takes a twentieth of the start-up, and many pods have no session. */
  #mac(expiry: Buffer): Buffer {
    this.#key ??= this.#edge.randomBytes(32);
    return createHmac("sha256", this.#key).update(expiry).digest().subarray(0, MAC_BYTES);
  }
}
