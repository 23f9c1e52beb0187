/**
 * The rival: what `node:http` costs by itself. The same bytes and headers as the sidecar's container document, from
 * argv, and nothing else. JavaScript, for the stripping of types would be a cost of its own.
 */
const { headers, body, lean } = JSON.parse(process.argv[2] ?? "{}");

// As everybody writes it, with an import; the lean one shows what that alone costs (scripts/build.ts says why).
const { createServer } = lean ? process.getBuiltinModule("node:http") : await import("node:http");
const bytes = Buffer.from(body);

// Node writes the time-out into each answer, so it is the sidecar's.
const server = createServer({ keepAliveTimeout: 65_000 }, (_request, response) => {
  response.writeHead(200, headers);
  response.end(bytes);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ code: "Ready", credentials: [`127.0.0.1:${server.address().port}`] })}\n`);
});
