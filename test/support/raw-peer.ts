import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A peer that sends bytes and reads only when it is told to. */
export interface RawPeer extends Disposable {
  readonly socket: Socket;
  /** Resolves when the connection has ended, in whatever way. */
  readonly ended: Promise<void>;
}

/** Connects to the port of `url`. Resolves once connected. */
export async function rawPeer(url: string, bytes = ""): Promise<RawPeer> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  if (bytes !== "") socket.write(bytes);
  return { socket, ended, [Symbol.dispose]: () => socket.destroy() };
}
