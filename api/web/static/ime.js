// While Chinese is being typed by its sounds, every key still fires events: the
// letters as input, and Enter to choose a word. Whoever listens to typing
// listens to "doorstep:search" instead, which comes only with whole words.
let composing = false;

document.addEventListener("compositionstart", () => { composing = true; });
document.addEventListener("compositionend", (event) => {
  composing = false;
  announce(event.target);
});
document.addEventListener("input", (event) => {
  if (!composing && !event.isComposing) announce(event.target);
});

function announce(field) {
  if (field instanceof HTMLElement && field.hasAttribute("data-search")) {
    field.dispatchEvent(new CustomEvent("doorstep:search", { bubbles: true }));
  }
}
