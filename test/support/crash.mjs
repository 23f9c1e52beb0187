// Preloaded by a test: throws, rejects or warns where nobody catches, once the program serves, with words that must not be shown. The
// query of the URL says how.
import { subscribe } from "node:diagnostics_channel";

const crashes = {
  "?error": () => {
    throw new Error("canary-in-a-crash");
  },
  "?rejection": () => {
    Promise.reject(new Error("canary-in-a-crash"));
  },
  "?warning": () => {
    process.emitWarning("canary-in-a-crash");
  },
  "?console": () => {
    for (const name of ["log", "info", "warn", "error"]) console[name]("canary-in-a-crash");
  },
  "?lines": () => {
    throw new Error("canary-in-a-crash\n    at canary (file:///canary.ts:1:1)\n    at /canary.ts:1:1\ncanary");
  },
  "?later": () => {
    // As the AWS SDK does: the stack keeps the message that the error was made with.
    throw Object.assign(new Error("canary-in-a-crash\n    at canary-in-a-frame"), { message: "canary" });
  },
  "?text": () => {
    throw "canary-in-a-crash";
  },
};

subscribe("http.server.request.start", () => {
  setImmediate(crashes[new URL(import.meta.url).search]);
});
