// Preloaded by a test: throws where nobody catches, once the program serves, with a message that must not be shown.
import { subscribe } from "node:diagnostics_channel";

subscribe("http.server.request.start", () => {
  setImmediate(() => {
    throw new Error("canary-in-a-crash");
  });
});
