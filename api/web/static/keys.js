// Keys for those who work here all day: J and K move along a list, Enter opens,
// N files a dispute, / searches, G and a letter goes to a page. No key is taken
// from somebody who is typing, least of all from an input method.
const typing = "input, textarea, select, [contenteditable]";
let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.ctrlKey) {
    if (event.key === "Enter") submitFrom(target, event);
    return;
  }
  if (target.closest(typing)) return;
  const key = event.key.toLowerCase();
  if (Date.now() - going < 1500 && open(`[data-go="${CSS.escape(key)}"]`, event)) return;
  going = 0;
  if (key === "j") move(1, event);
  else if (key === "k") move(-1, event);
  else if (key === "n") open('[data-go="n"]', event);
  else if (key === "/") focus("[data-search]", event);
  else if (key === "g") going = Date.now();
});

function rows() { return Array.from(document.querySelectorAll("[data-row] a[data-open]")); }

function move(step, event) {
  const all = rows();
  if (all.length === 0) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  event.preventDefault();
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

function open(selector, event) {
  const link = document.querySelector(selector);
  if (!link) return false;
  event.preventDefault();
  link.click();
  return true;
}

function focus(selector, event) {
  const field = document.querySelector(selector);
  if (!field) return;
  event.preventDefault();
  field.focus();
  if (field.select) field.select();
}

function submitFrom(target, event) {
  const form = target.closest("form[method=post]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button.primary, button:not([type=button])");
  if (button) button.click();
}
