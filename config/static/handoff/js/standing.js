// Standing while terms are typed: the form goes to the preview, which writes nothing, and its answer replaces the panel.

const WAIT_MS = 350;
const form = document.querySelector("form[data-standing-url]");
const panel = document.getElementById("standing");
let timer;
let running;

async function look() {
  running?.abort();
  running = new AbortController();
  panel.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.standingUrl, { method: "POST", body: new FormData(form), signal: running.signal });
    if (answer.ok) panel.innerHTML = await answer.text();
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  panel.removeAttribute("aria-busy");
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
}

form.addEventListener("input", soon);
form.addEventListener("change", soon);
window.addEventListener("load", () => window.django?.jQuery?.(form).on("change", soon)); // select2 speaks jQuery alone
form.querySelector("[data-check]")?.addEventListener("click", (event) => {
  event.preventDefault();
  look();
});
