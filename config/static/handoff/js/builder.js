// The builder's form without reloads: what a button (or a newly picked condition) changes comes from the server and
// takes the form's place. Saving is left to the browser. A rule has a field called “id”, which hides the form's own.

document.documentElement.classList.add("scripted");

// What the rule says so far, while it is being typed: the server says it, so that page, mail and history use the same words.
const PAUSE_MS = 450;
let typed;

async function say(form) {
  const data = new FormData(form);
  data.set("do", "say");
  const answer = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
  if (!answer?.ok || !form.isConnected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".says");
  const said = form.querySelector(".says");
  if (fresh && said && fresh.innerHTML !== said.innerHTML) said.innerHTML = fresh.innerHTML;
}

async function change(form, verb) {
  const data = new FormData(form);
  data.set("do", verb);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: data });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(form.getAttribute("id"));
    if (!answer.ok || !fresh) throw new Error("no form");
    const next = fresh.querySelector("[autofocus]");
    next?.removeAttribute("autofocus");
    form.replaceWith(fresh);
    next?.focus();
  } catch {
    const press = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: verb });
    form.prepend(press);
    form.submit();
  }
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (!form.matches("[data-builder]") || !submitter?.value || ["save", "nobody"].includes(submitter.value)) return;
  event.preventDefault();
  change(form, submitter.value);
});

// A condition that was picked: its own fields take the place of those of the one before. True where it was one.
function fill(select) {
  const place = select.name?.match(/^when-(\d+)-(\d+)-test$/);
  if (place) change(select.closest("form"), `fill:${place[1]}:${place[2]}`);
  return Boolean(place);
}

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-builder]")) fill(event.target);
});

// What was picked before this script had arrived, or was kept by the browser over a reload, is filled in now.
[...document.querySelectorAll("[data-builder] select")]
  .filter((select) => !select.selectedOptions[0]?.defaultSelected && select.selectedIndex > 0)
  .some(fill);

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-builder]");
  if (!form?.querySelector(".says")) return;
  clearTimeout(typed);
  typed = setTimeout(say, PAUSE_MS, form);
});
