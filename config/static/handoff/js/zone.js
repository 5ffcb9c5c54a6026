// The zone that the browser knows of, offered beside the list.

const list = document.getElementById("id_zone");
const button = document.getElementById("zone-here");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

if ([...list.options].some((option) => option.value === here) && list.value !== here) {
  button.textContent += `: ${here.replaceAll("_", " ")}`;
  button.hidden = false;
  button.addEventListener("click", () => {
    list.value = here;
    button.hidden = true;
    list.focus();
  });
}
