// A formula that is wider than a phone can be moved by the keyboard, too.
function makeWideFormulasFocusable() {
  for (const formula of document.querySelectorAll("div.math")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }
}

window.addEventListener("load", () => {
  makeWideFormulasFocusable();
  window.MathJax?.Hub?.Queue(makeWideFormulasFocusable);
});
