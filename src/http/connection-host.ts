import type { Socket } from "node:net";
import type { DropReason } from "../drops.ts";
import type { Answer } from "./documents.ts";
import type { Asked } from "./repeats.ts";
import type { ResponseBytes } from "./response-bytes.ts";

/** What the connections of a listener need from it. */
export interface ConnectionHost {
  onDropped(reason: DropReason): void;
  /** Bytes that are not parsed at all. */
  onRefused(code: "HPE_HEADER_OVERFLOW" | "OTHER_PROTOCOL", socket: Socket): void;
  /** The answer to a request that came again; undefined when it has to be parsed like any other, and then nothing was done. */
  answerAgain(request: Asked): Answer | undefined;
  readonly bytesOf: ResponseBytes;
  /** How long an idle connection is kept, and how long an answer may wait for its peer; in ms. */
  readonly keepAliveMs: number;
  readonly stalledMs: number;
}
