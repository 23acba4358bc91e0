// Sliders of a widget choose among pictures that were made for some of their positions.
function makeFramesMove(box) {
  const image = box.querySelector("img");
  const sliders = [...box.querySelectorAll("input")];
  const frames = JSON.parse(box.dataset.frames);
  const alts = JSON.parse(box.dataset.alts);
  function show() {
    const place = sliders.reduce((sum, slider) => sum * (Number(slider.max) + 1) + Number(slider.value), 0);
    image.src = frames[place];
    image.alt = alts[place];
    for (const slider of sliders) {
      const text = JSON.parse(slider.dataset.texts)[slider.value];
      slider.setAttribute("aria-valuetext", text);
      slider.nextElementSibling.textContent = text;
    }
  }
  function loadAll() {
    for (const frame of frames) new Image().src = frame;
  }
  box.addEventListener("pointerenter", loadAll, { once: true });
  box.addEventListener("focusin", loadAll, { once: true });
  box.addEventListener("input", show);
}

// A formula that is wider than a phone can be moved by the keyboard, too.
function makeWideFormulasFocusable() {
  for (const formula of document.querySelectorAll("div.math")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }
}

window.addEventListener("load", () => {
  document.querySelectorAll(".frames").forEach(makeFramesMove);
  makeWideFormulasFocusable();
  window.MathJax?.Hub?.Queue(makeWideFormulasFocusable);
});
