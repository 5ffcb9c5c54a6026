// The library's page has a dark dress of its own, by a class: it follows the portal's theme.

const page = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  const { theme } = page.dataset;
  page.classList.toggle("dark-mode", theme === "dark" || (theme !== "light" && system.matches));
}

new MutationObserver(dress).observe(page, { attributeFilter: ["data-theme"] });
system.addEventListener("change", dress);
dress();
