// Change lists: a button that folds the filters away, chips for those in force, and a scroll region where columns overflow.

const root = document.documentElement;
const panel = document.getElementById("changelist-filter");
const button = document.getElementById("filter-button");
const beside = matchMedia("(min-width: 1024px)");
const roomy = matchMedia("(min-width: 1560px)");
const KEY = "handoff.filters";

function filtersOpen() {
  if (!beside.matches) return false; // a sheet opens only when asked
  const chosen = localStorage.getItem(KEY);
  return chosen ? chosen === "open" : roomy.matches;
}

// Beside the list the panel is a column; on a narrow screen it is a sheet (a native popover: Escape and a tap outside close it).
function show(open) {
  if (beside.matches) panel.removeAttribute("popover");
  else panel.popover = "auto";
  root.dataset.filters = open ? "open" : "closed";
  button.setAttribute("aria-expanded", String(open));
}

function foldFilters() {
  button.hidden = false;
  show(filtersOpen());
  button.addEventListener("click", () => {
    if (!beside.matches) {
      panel.showPopover();
      return;
    }
    const open = root.dataset.filters === "closed";
    localStorage.setItem(KEY, open ? "open" : "closed");
    show(open);
  });
  beside.addEventListener("change", () => show(filtersOpen()));
}

// A filter is in force when something other than its first choice ("All") is selected; its chip leads back to the first.
function chips() {
  const list = document.getElementById("filter-chips");
  for (const group of panel.querySelectorAll("details")) {
    const links = [...group.querySelectorAll("li a")];
    const chosen = links.findIndex((link) => link.parentElement.classList.contains("selected"));
    if (chosen < 1) continue;
    const item = document.createElement("li");
    const link = document.createElement("a");
    const value = document.createElement("b");
    link.href = links[0].href;
    link.setAttribute("aria-label", `Remove filter: ${group.querySelector("summary").textContent.trim()}, ${links[chosen].textContent.trim()}`);
    value.textContent = links[chosen].textContent.trim();
    link.append(`${group.querySelector("summary").textContent.trim()}: `, value);
    item.append(link);
    list.append(item);
  }
}

// A sticky head and a sideways scroll exclude each other, so the region is made only where the table is too wide.
function watchWidth(results) {
  const table = results.querySelector("table");
  const measure = () => {
    const scrolls = table.scrollWidth > results.clientWidth + 1;
    results.classList.toggle("scrolls", scrolls);
    results.tabIndex = scrolls ? 0 : -1;
  };
  new ResizeObserver(measure).observe(results);
}

if (panel && button) {
  foldFilters();
  chips();
}
document.querySelectorAll(".results").forEach(watchWidth);
