// Parses pictures with the real Mermaid: a JSON list of texts on standard input, a line of JSON with what is wrong on standard
// output.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const tools = process.argv[2];
const require = createRequire(join(tools, "package.json"));
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(join(tools, "node_modules/mermaid/dist/mermaid.core.mjs")).href);
const wrong = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    await mermaid.parse(text);
  } catch (error) {
    wrong.push(`${error.message}\n${text}`);
  }
}
console.log(JSON.stringify(wrong));
process.exit(0);
