// The frame: "/" goes to the search box; good news leaves by itself; what scrolls sideways takes the focus.

const STAYS_MS = 7000;

function searchByKey(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const box = document.querySelector("#searchbar") ?? document.querySelector("#find");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  event.preventDefault();
  box.focus();
  box.select();
}

function closeButton(item) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-button close";
  button.setAttribute("aria-label", "Close");
  button.textContent = "×";
  button.addEventListener("click", () => item.remove());
  return button;
}

function leaveLater(item) {
  let timer;
  const start = () => { timer = setTimeout(() => item.remove(), STAYS_MS); };
  const stop = () => clearTimeout(timer);
  for (const [event, act] of [["mouseenter", stop], ["focusin", stop], ["mouseleave", start], ["focusout", start]]) {
    item.addEventListener(event, act);
  }
  start();
}

function liftGoodNews(list) {
  const items = [...list.children].filter((item) => item.matches(":not(.warning, .error)"));
  for (const item of list.children) item.append(closeButton(item));
  if (!items.length) return;
  const corner = document.createElement("ul");
  corner.className = "messagelist toasts";
  list.parentElement.append(corner);
  corner.append(...items);
  items.forEach(leaveLater);
  if (!list.children.length) list.hidden = true;
}

// What scrolls sideways can be scrolled by keyboard: it takes the focus for as long as something of it is hidden.
function reachable(wrap) {
  const measure = () => {
    if (wrap.scrollWidth > wrap.clientWidth + 1) wrap.tabIndex = 0;
    else wrap.removeAttribute("tabindex");
  };
  new ResizeObserver(measure).observe(wrap);
}

document.addEventListener("keydown", searchByKey);
document.querySelectorAll("ul.messagelist").forEach(liftGoodNews);
document.querySelectorAll(".table-wrap").forEach(reachable);
document.querySelector(".error-summary")?.focus();
