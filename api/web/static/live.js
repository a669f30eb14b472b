// One connection tells this page that something happened; what the page shows
// it then asks for itself ("doorstep:moved" on the body). A page in the
// background gives its connection back, since a browser has only six for all.
const body = document.body;
const state = document.querySelector("[data-live-state]");
let seen = body.dataset.position || "";
let stream = null;

function listen() {
  if (stream || !body.dataset.live || document.hidden) return;
  stream = new EventSource(body.dataset.live);
  stream.addEventListener("open", () => show(true));
  stream.addEventListener("error", () => show(false));
  stream.addEventListener("moved", (event) => {
    if (event.data === seen) return;
    seen = event.data;
    body.dataset.position = seen;
    body.dispatchEvent(new CustomEvent("doorstep:moved", { detail: seen }));
  });
}

function stop() {
  if (stream) stream.close();
  stream = null;
}

function show(on) {
  if (!state) return;
  state.hidden = false;
  state.classList.toggle("off", !on);
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
window.addEventListener("pagehide", stop);
window.addEventListener("pageshow", listen);
listen();

// What changed is marked, so that a reader sees which figure moved and by how
// much. Figures carry data-figure and their value. What a reader had unfolded
// stays unfolded.
let before = new Map();
let unfolded = [];

function figures(root) {
  return new Map(Array.from(root.querySelectorAll("[data-figure]"), (el) => [el.dataset.figure, el]));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  before = new Map(Array.from(figures(event.detail.target), ([name, el]) => [name, el.dataset.value]));
  unfolded = Array.from(event.detail.target.querySelectorAll("[aria-labelledby] > details[open]"), (el) => el.parentElement.getAttribute("aria-labelledby"));
});

document.addEventListener("htmx:afterSettle", (event) => {
  unfolded.forEach((id) => {
    const details = document.querySelector(`[aria-labelledby="${CSS.escape(id)}"] > details`);
    if (details) details.open = true;
  });
  unfolded = [];
  if (before.size === 0) return;
  figures(document).forEach((el, name) => {
    const was = before.get(name);
    if (was === el.dataset.value) return; // what was not there before has moved too
    el.classList.add("moved");
    const by = was === undefined ? 0 : Number((parseFloat(el.dataset.value) - parseFloat(was)).toFixed(2));
    const note = el.parentElement.querySelector(":scope > [data-moved]");
    if (note && by) note.textContent = (by > 0 ? "+" : "−") + Math.abs(by);
  });
  before = new Map();
});
