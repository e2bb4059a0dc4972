// ---- tables

const chooser = by("prefecture-indicator");
function choose() {
  options(chooser, [...document.querySelectorAll(".prefectures")].map((box) => [box.dataset.name, box.dataset[lang()]]));
  for (const box of document.querySelectorAll(".prefectures")) box.hidden = box.dataset.name !== chooser.value;
}
chooser.onchange = choose;
by("prefectures-csv").onclick = () => {
  const one = data.indicators.find((found) => found.name === chooser.value);
  save("prefectures-" + one.name + ".csv", csv(data.areas.map((_, i) => i).filter((i) => data.areas[i].by === "prefecture"), [one],
    data.years.map((_, i) => i)), "text/csv");
};
for (const head of document.querySelectorAll("table.sorts th")) {
  head.tabIndex = 0;
  const sort = () => {
    const column = [...head.parentNode.children].indexOf(head), table = head.closest("table");
    const down = head.getAttribute("aria-sort") !== "descending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const key = (row) => row.children[column].dataset.sort;
    const rows = [...body.rows].sort((a, b) => {
      const one = Number(key(a)), two = Number(key(b));
      const order = Number.isNaN(one) || Number.isNaN(two) ? key(a).localeCompare(key(b)) : one - two;
      return down ? -order : order;
    });
    rows.forEach((row) => body.appendChild(row));
  };
  head.onclick = sort;
  head.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } };
}
