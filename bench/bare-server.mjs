/**
 * The rival: what `node:http` costs by itself. The same bytes and headers as the sidecar's container document, from
 * argv, and nothing else. JavaScript, for the stripping of types would be a cost of its own.
 */
import { createServer } from "node:http";

const { headers, body, how } = JSON.parse(process.argv[2] ?? "{}");
// Text is written together with the headers, bytes as a second piece: the first is faster, and the second more usual.
const content = how === "string" ? body : Buffer.from(body);

// Node writes the time-out into each answer, so it is the sidecar's.
const server = createServer({ keepAliveTimeout: 65_000 }, (_request, response) => {
  response.writeHead(200, headers);
  response.end(content);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ code: "Ready", credentials: [`127.0.0.1:${server.address().port}`] })}\n`);
});
