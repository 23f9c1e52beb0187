/** A flood: 64 connections that read as fast as they are answered. Arguments: port, path, how many reads, `new` or `kept`. */
import { connect } from "node:net";

const [port, path, reads, connections] = process.argv.slice(2);
const CONNECTIONS = 64;
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
let answered = 0;
let refused = 0;

/** Each answer fits a packet of the loopback. */
function onAnswer(bytes: Buffer): void {
  if (bytes.toString("latin1", 0, 12) === "HTTP/1.1 200") answered += 1;
  else refused += 1;
}

function connection(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const keep = connections === "kept";
  const socket = connect(Number(port), "127.0.0.1");
  const ask = () => socket.write(`${request}Connection: ${keep ? "keep-alive" : "close"}\r\n\r\n`);
  socket.on("data", (bytes: Buffer) => {
    onAnswer(bytes);
    if (keep && answered + refused < Number(reads)) ask();
    else if (keep) socket.end();
  });
  socket.on("error", reject).on("close", () => resolve());
  ask();
  return promise;
}

await Promise.all(
  Array.from({ length: CONNECTIONS }, async () => {
    while (answered + refused < Number(reads)) await connection();
  }),
);
console.log(JSON.stringify({ answered, refused }));
