/** Sends cases to a listener, each on a connection of its own, and gives what came back. */
import { connect } from "node:net";

/** A listener has closed or answered long before this; its own time-outs are 2 s. */
const PATIENCE_MS = 10_000;

/** Bounds what one case may make a listener say. */
const MAX_HEARD_BYTES = 1_048_576;

export interface Heard {
  readonly text: string;
  /** `silent`: the connection was still open when the patience ended. */
  readonly ending: "closed" | "refused" | "silent";
}

/** Sends `bytes`, ends its half of the connection, and listens until the other half ends. */
export async function exchange(port: number, bytes: Buffer): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const heard: Buffer[] = [];
  let length = 0;
  const socket = connect({ port, host: "127.0.0.1" });
  const over = (ending: Heard["ending"]) => {
    socket.destroy();
    resolve({ text: Buffer.concat(heard).toString("latin1"), ending });
  };
  socket.setTimeout(PATIENCE_MS, () => over("silent"));
  socket.on("connect", () => socket.end(bytes));
  socket.on("data", (chunk: Buffer) => {
    heard.push(chunk);
    length += chunk.length;
    if (length > MAX_HEARD_BYTES) over("silent");
  });
  socket.on("error", ({ code }: NodeJS.ErrnoException) => over(code === "ECONNREFUSED" ? "refused" : "closed"));
  socket.on("close", () => over("closed"));
  return await promise;
}
