// Django's widgets leave some of their parts unnamed for screen readers: name them as they appear.

// A box says its label and then what is chosen; by itself it would say only the latter, and nothing while it is empty.
function nameBoxes() {
  for (const box of document.querySelectorAll(".select2-selection[role=combobox]")) {
    const select = box.closest(".select2-container").previousElementSibling;
    const label = document.querySelector(`label[for="${select?.id}"]`);
    if (!label) continue;
    const chosen = box.querySelector(".select2-selection__rendered");
    for (const name of ["role", "aria-readonly"]) chosen.removeAttribute(name); // words of the box, no field of their own
    label.id ||= `${select.id}_label`;
    box.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
  }
}

function nameOpened(event) {
  const box = document.querySelector(".select2-container--open [role=combobox]");
  const field = document.querySelector(".select2-container--open .select2-search__field");
  const label = document.querySelector(`label[for="${event.target.id}"]`)?.textContent.trim() ?? "Search";
  box?.setAttribute("aria-controls", box.getAttribute("aria-owns") ?? "");
  field?.setAttribute("aria-label", label);
  field?.focus();
}

window.django?.jQuery(nameBoxes); // in line behind the function that draws them
window.addEventListener("load", () => {
  window.django?.jQuery(document).on("select2:open", nameOpened);
  document.querySelectorAll(".search-label-icon").forEach((icon) => icon.setAttribute("role", "img"));
});
document.addEventListener("formset:added", () => setTimeout(nameBoxes)); // after the widget has drawn itself
