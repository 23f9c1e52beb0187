/** `npm run readme`: writes the settings table into README.md, between its markers. */
import { readFileSync, writeFileSync } from "node:fs";
import { readmeTable } from "../src/settings/usage.ts";

const path = new URL("../README.md", import.meta.url);
const markers = /(?<=<!-- settings -->\n)[\s\S]*(?=<!-- \/settings -->)/;
writeFileSync(
  path,
  readFileSync(path, "utf8").replace(markers, () => `${readmeTable()}\n`),
);
