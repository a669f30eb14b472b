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
// much. Figures carry data-figure and their value.
let before = new Map();

function figures(root) {
  return new Map(Array.from(root.querySelectorAll("[data-figure]"), (el) => [el.dataset.figure, el]));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  before = new Map(Array.from(figures(event.detail.target), ([name, el]) => [name, el.dataset.value]));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (before.size === 0) return;
  figures(document).forEach((el, name) => {
    const was = before.get(name);
    if (was === undefined || was === el.dataset.value) return;
    el.classList.add("moved");
    const by = Number(el.dataset.value) - Number(was);
    const note = el.querySelector("[data-moved]");
    if (note && Number.isFinite(by) && by !== 0) note.textContent = (by > 0 ? "+" : "−") + Math.abs(Number(by.toFixed(2)));
  });
  before = new Map();
});
