// Looks at pages as axe does: the paths of HTML files as arguments behind the folder of the tools; a line of JSON with what is
// wrong on standard output. Colours need a browser and are left out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [tools, ...pages] = process.argv.slice(2);
const require = createRequire(join(tools, "package.json"));
const { JSDOM } = require("jsdom");
const axe = readFileSync(join(tools, "node_modules/axe-core/axe.min.js"), "utf8");
const wrong = [];
for (const page of pages) {
  const { window } = new JSDOM(readFileSync(page, "utf8"), { runScripts: "outside-only", pretendToBeVisual: true });
  window.eval(axe);
  const found = await window.axe.run(window.document, { rules: { "color-contrast": { enabled: false } } });
  for (const it of found.violations) {
    wrong.push(`${page}: ${it.id}: ${it.help}: ${it.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
  }
}
console.log(JSON.stringify(wrong));
process.exit(0);
