/** Runs one attack until SIGTERM, or its bound; then prints how many connections it opened. Argument: its name. */
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { addresses } from "./addresses.ts";
import { type Attack, attacks } from "./attacks.ts";

/** Between two bytes of a peer that sends slowly. */
const TRICKLE_MS = 400;

/** Between two new connections, and how many may be on their way. */
const EVERY_MS = 1;
const OPENING = 64;

const [name = ""] = process.argv.slice(2);
const attack = attacks[name];
if (attack === undefined) throw new Error(`no attack is called ${name}`);

let opened = 0;
let opening = 0;
let ended = false;

function open(one: Attack): void {
  if (ended || opened >= one.atMost) return;
  opened += 1;
  opening += 1;
  const { host, port } = addresses[one.to];
  const localAddress = one.to === "pod" ? addresses.outside : undefined;
  const socket = connect({ host, port, ...(localAddress && { localAddress }) });
  let isOpening = true;
  const settled = () => {
    if (isOpening) opening -= 1;
    isOpening = false;
  };
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    settled();
    setTimeout(open, one.reopenMs, one);
  });
  socket.on("connect", () => {
    settled();
    begin(socket, one);
  });
}

function begin(socket: Socket, { sends, behaves }: Attack): void {
  socket.write(sends);
  switch (behaves) {
    case "never-reads":
      return void socket.pause();
    case "waits":
      return void socket.resume();
    case "asks-again":
      return void socket.on("data", () => socket.write(sends));
    case "goes-away":
      return void socket.resume().end();
    case "trickles": {
      const timer = setInterval(() => socket.write("a: b\r\n"), TRICKLE_MS);
      socket.on("close", () => clearInterval(timer)).resume();
    }
  }
}

/** As many as the attack has, at most a thousand a second: the loop accepts them one by one, and others queue behind. */
async function fill(one: Attack): Promise<void> {
  for (let count = 0; count < one.connections && !ended; count += 1) {
    do await wait(EVERY_MS);
    while (opening >= OPENING);
    open(one);
  }
}

process.on("SIGTERM", () => {
  ended = true;
  process.stdout.write(`${JSON.stringify({ opened })}\n`, () => process.exit(0));
});
console.log("begins");
await Promise.all(attack.map(fill));
// The connections keep the process.
setInterval(() => {}, 60_000);
