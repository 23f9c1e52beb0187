/** An upstream that takes connections and never answers. */
import { createServer } from "node:net";
import { addresses } from "./addresses.ts";

const { host, port } = addresses.hanging;
createServer((socket) => socket.on("error", () => socket.destroy())).listen(port, host, () => console.log("listening"));
process.on("SIGTERM", () => process.exit(0));
