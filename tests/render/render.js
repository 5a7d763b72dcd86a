// Renders every formula of a JSON list [{"name", "latex"}, ...] with KaTeX and with MathJax, in display mode.
// Usage: node render.js FILE. Prints {"katex": n, "mathjax": n, "errors": [{name, renderer, message}]}, where n counts
// the formulas rendered; exits 1 on errors.
"use strict";

const fs = require("fs");
const katex = require("katex");
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { SVG } = require("mathjax-full/js/output/svg.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
require("mathjax-full/js/input/tex/base/BaseConfiguration.js");
require("mathjax-full/js/input/tex/ams/AmsConfiguration.js");

function renderKatex(latex) {
  katex.renderToString(latex, { displayMode: true, throwOnError: true, strict: "error", trust: false });
}

function mathjaxRenderer() {
  const adaptor = liteAdaptor();
  RegisterHTMLHandler(adaptor);
  const tex = new TeX({
    packages: ["base", "ams"],
    formatError: (_, error) => {
      throw error;
    },
  });
  const page = mathjax.document("", { InputJax: tex, OutputJax: new SVG({ fontCache: "none" }) });
  return (latex) => {
    tex.reset();
    const html = adaptor.outerHTML(page.convert(latex, { display: true }));
    if (html.includes('data-mml-node="merror"')) throw new Error("the output holds an error node");
  };
}

function main(path) {
  const blocks = JSON.parse(fs.readFileSync(path, "utf8"));
  const renderers = { katex: renderKatex, mathjax: mathjaxRenderer() };
  const report = { katex: 0, mathjax: 0, errors: [] };
  for (const { name, latex } of blocks) {
    for (const [renderer, render] of Object.entries(renderers)) {
      try {
        render(latex);
        report[renderer] += 1;
      } catch (error) {
        report.errors.push({ name, renderer, message: error.message });
      }
    }
  }
  console.log(JSON.stringify(report, null, 1));
  process.exitCode = report.errors.length > 0 ? 1 : 0;
}

main(process.argv[2]);
