// ---- the first screen

const effectMap = by("effect-map");
const effectPaths = outlines(effectMap, (i) => { pin(i); by("s_maps").scrollIntoView(); });
const effectLabels = named(effectMap);
function effect() {
  const one = data.indicators[0], view = data.single ? "b" : "d";
  const { ends } = painted(effectPaths, effectLabels, one, view, data.year);
  legend("effect-", one, view, ends);
  effectMap.setAttribute("aria-label", by("effect-title").innerText);
}

// ---- folds and navigation

window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.theme")) { fold.dataset.was = fold.open; fold.open = true; }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details.theme")) fold.open = fold.dataset.was === "true";
});
const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
let current = null;
function follow() {
  const passed = [...links.keys()].filter((id) => by(id).getBoundingClientRect().top < 130);
  const id = passed.length ? passed[passed.length - 1] : links.keys().next().value;
  if (id === current) return;
  for (const link of links.values()) link.removeAttribute("aria-current");
  const link = links.get(current = id), bar = link.parentNode;
  link.setAttribute("aria-current", "true");
  bar.scrollLeft = link.offsetLeft - bar.clientWidth / 3;
}
window.addEventListener("scroll", follow, { passive: true });
window.addEventListener("resize", () => { effect(); paint(); });  // names on maps are larger on a phone
follow();

fill();
effect();
choose();
countyTable();
address(location.hash || data.opened);
