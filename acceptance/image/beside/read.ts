/** Reads URLs one after the other, with the token in `TOKEN` if there is one, and prints statuses and bodies as JSON. */
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

const headers = process.env.TOKEN === undefined ? {} : { Authorization: process.env.TOKEN };
const answers: { status: number | undefined; body: string }[] = [];
for (const url of process.argv.slice(2)) {
  // Not `fetch`: its Sec-Fetch headers are a browser's, which the sidecar refuses.
  const [answer] = (await once(get(url, { headers }), "response")) as [IncomingMessage];
  answers.push({ status: answer.statusCode, body: (await answer.toArray()).join("") });
}
console.log(JSON.stringify(answers));
