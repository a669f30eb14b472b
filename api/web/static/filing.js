// The filing form for hands that stay on the keyboard: Enter goes on to the
// next field, Alt+P adds a respondent, an identity number tells birthday and
// sex and whether its check digit fits, an amount is read back in capitals.
const page = document.querySelector("[data-filing]");
const form = page && page.querySelector("form");

if (form) {
  form.addEventListener("keydown", onKey);
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-identity]")) tellIdentity(event.target);
    if (event.target.name === "amount") tellAmount(event.target);
  });
  form.querySelectorAll("[data-more]").forEach((more) => more.addEventListener("toggle", () => {
    if (more.open) focusEmpty(more);
  }));
  form.querySelectorAll("[data-identity]").forEach((field) => { if (field.value) tellIdentity(field); });
}

function onKey(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.altKey && event.code === "KeyP") {
    event.preventDefault();
    addParty("b");
    return;
  }
  const field = event.target;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || !field.matches("input, select")) return;
  event.preventDefault();
  const fields = Array.from(form.querySelectorAll("input, select, textarea, button")).filter((el) => el.type !== "hidden" && !el.closest("details:not([open])"));
  const next = fields[fields.indexOf(field) + 1];
  if (next) next.focus();
}

// addParty unfolds the other parties of a side, or adds a row below the last.
function addParty(side) {
  const more = form.querySelector(`[data-more="${side}"]`);
  if (!more.open) {
    more.open = true;
    focusEmpty(more);
    return;
  }
  if (!focusEmpty(more)) addRow(more, side);
}

// focusEmpty goes to the first party that has no name yet.
function focusEmpty(more) {
  const free = Array.from(more.querySelectorAll("input[name$='-name']")).find((field) => !field.value);
  if (free) free.focus();
  return Boolean(free);
}

function addRow(more, side) {
  const rows = more.querySelectorAll("[data-party]");
  const last = rows[rows.length - 1];
  const key = side + (rows.length + 2);
  const row = last.cloneNode(true);
  const was = last.dataset.party;
  row.dataset.party = key;
  row.querySelectorAll("*").forEach((el) => {
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = el.getAttribute(name);
      if (value) el.setAttribute(name, value.replace(was + "-", key + "-").replace("i-" + was, "i-" + key));
    }
    if (el.matches("input")) el.value = "";
    if (el.matches(".hint")) el.textContent = "";
  });
  last.after(row);
  row.querySelector("input").focus();
}

// tellIdentity reads an 18-character identity number (GB 11643).
function tellIdentity(field) {
  const hint = document.getElementById("i-" + field.name.replace("-id", ""));
  const id = field.value.trim().toUpperCase();
  if (!hint) return;
  hint.textContent = "";
  hint.classList.remove("odd");
  if (!/^\d{17}[\dX]$/.test(id)) return;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(id[i]), 0);
  const fits = "10X98765432"[sum % 11] === id[17];
  hint.classList.toggle("odd", !fits);
  hint.textContent = fits
    ? `✓ ${Number(id[16]) % 2 ? hint.dataset.man : hint.dataset.woman} ${id.slice(6, 10)}-${id.slice(10, 12)}-${id.slice(12, 14)}`
    : hint.dataset.odd;
}

const digits = "零壹贰叁肆伍陆柒捌玖";

// tellAmount reads the amount back, as the receipt will print it.
function tellAmount(field) {
  const hint = document.getElementById("h-amount");
  if (!hint) return;
  if (hint.dataset.plain === undefined) hint.dataset.plain = hint.textContent;
  const text = field.value.replace(/[,，\s元]/g, "");
  hint.textContent = /^\d{1,12}(\.\d{1,2})?$/.test(text) && Number(text) > 0 ? capital(text) : hint.dataset.plain;
}

function capital(text) {
  const [whole, part = ""] = text.split(".");
  const jiao = Number(part[0] || 0);
  const fen = Number(part[1] || 0);
  let out = Number(whole) > 0 ? wholeCapital(whole) + "元" : "";
  if (jiao) out += digits[jiao] + "角";
  if (fen) out += (!jiao && out ? "零" : "") + digits[fen] + "分";
  return fen ? out : out + "整";
}

function wholeCapital(whole) {
  const figures = whole.replace(/^0+/, "");
  const places = ["", "拾", "佰", "仟"];
  const groups = ["", "万", "亿"];
  let out = "";
  let gap = false;
  let written = false;
  for (let i = 0; i < figures.length; i++) {
    const place = figures.length - 1 - i;
    const digit = Number(figures[i]);
    if (digit === 0) gap = true;
    else {
      out += (gap && out ? "零" : "") + digits[digit] + places[place % 4];
      gap = false;
      written = true;
    }
    if (place % 4 === 0) {
      if (written) out += groups[place / 4];
      written = false;
    }
  }
  return out;
}
