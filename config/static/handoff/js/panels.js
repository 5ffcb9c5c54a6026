// Panels of another part of the portal: each place names an address, whose answer takes the place of the link inside.

async function fill(place) {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.panel, { headers: { "X-Panel": "1" } });
    if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
  } catch {
    // The link stays: it leads to the same panel on a page of its own.
  }
  place.removeAttribute("aria-busy");
}

document.querySelectorAll("[data-panel]").forEach(fill);
