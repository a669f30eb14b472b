// What pages of work do besides: print, and not send one form twice. Without
// this script the browser's own menu prints, and a form sent twice is still
// done once.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.querySelector || !form.querySelector("input[name=deed]")) return;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 4000) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
});

// A page that comes back from the browser's memory may send its form again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// A form that came back goes to what is wrong with it.
const faulty = document.querySelector(".faulty input, .faulty select, .faulty textarea");
if (faulty) faulty.focus();
