/** `npm run accept-dependencies`: accepts the run-time dependencies as they are now into the list that a test holds them to. */
import { writeFileSync } from "node:fs";
import { dependencyList } from "./runtime-packages.ts";

const root = new URL("..", import.meta.url);
writeFileSync(new URL("test/repo/packaging/dependencies.txt", root), dependencyList(root));
