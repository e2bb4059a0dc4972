// ---- the table of all counties, prefectures or groups

const wanted = { indicator: 0, sort: "code", down: false };
function columns() {
  const levels = data.single ? [["b", "base", "bl", "bh"]] : [["b", "base"], ["r", "reform"], ["d", "difference", "l", "h"]];
  return levels.flatMap(([view, title, low, high]) => low ? [{ view, title }, { low, high, title: "interval", view }] : [{ view, title }]);
}
function ofLevel(area) { return (data.areas[area].by || "place") === by("county-level").value; }
function inside(area) {
  const one = data.indicators[wanted.indicator], above = by("county-above").value;
  return ofLevel(area) && matches(data.areas[area], by("county-filter").value) && (!above || data.areas[area].above.en === above)
    && (!by("county-clear").checked || (one.doubt && !doubt(one, area, data.year) && value(one, "d", area, data.year) !== null));
}
function keyOf(area) {
  const one = data.indicators[wanted.indicator], { sort } = wanted;
  if (sort === "code") return area;
  if (sort === "name") return data.areas[area][lang()];
  if (sort === "above") return data.areas[area].above[lang()];
  if (sort === "mark") return doubt(one, area, data.year);
  const column = columns()[sort];
  if (!column.low) return value(one, column.view, area, data.year);
  return one[column.low] ? one[column.low][area][data.year] : null;
}
function sorted() {
  const sign = wanted.down ? -1 : 1;
  return data.areas.map((_, i) => i).filter(inside).map((i) => [keyOf(i), i]).sort(([a, i], [b, j]) => {
    if (a === null || b === null) return a === b ? i - j : a === null ? 1 : -1;
    return sign * (typeof a === "string" ? a.localeCompare(b, lang()) : a - b) || i - j;
  }).map(([, i]) => i);
}
function countyTable() {
  const one = data.indicators[wanted.indicator], table = by("counties"), year = data.year;
  const chosen = by("county-above"), kept = chosen.value;
  options(by("counties-indicator"), data.indicators.map((found, i) => [String(i), found[lang()]]));
  options(by("county-level"), [...new Set(data.areas.map((area) => area.by || "place"))].map((level) => [level, say("level_" + level)]));
  const groups = new Map(own.map((area) => [area.above.en, area.above[lang()]]));
  options(chosen, [["", say("everywhere")], ...groups]);
  chosen.value = by("county-level").value === "place" ? kept : "";
  chosen.disabled = by("county-level").value !== "place";
  table.textContent = "";
  put("caption", table, one[lang()] + say("comma") + data.years[year] + bracketed(unit(one)), "quiet");
  const head = put("tr", put("thead", table));
  const heads = [["name", say("area")], ["above", say("prefecture")], ...columns().map((column, i) =>
    [i, say(column.title) + (unitOf(one, column.view) === unit(one) ? "" : bracketed(unitOf(one, column.view)))])];
  if (!data.single) heads.push(["mark", say("mark")]);
  for (const [sort, title] of heads) {
    const level = typeof sort === "number" && columns()[sort].view === "r";  // a phone has no room for it
    const cell = put("th", head, undefined, level ? "other" : typeof sort === "number" || sort === "mark" ? "" : "words");
    cell.scope = "col";
    if (wanted.sort === sort) cell.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
    const button = put("button", cell, title, "plain");
    button.type = "button";
    button.onclick = () => {
      wanted.down = wanted.sort === sort ? !wanted.down : typeof sort === "number";
      wanted.sort = sort;
      countyTable();
      by("counties").querySelectorAll("th button")[heads.findIndex(([name]) => name === sort)].focus();
    };
  }
  const body = put("tbody", table), rows = sorted();
  for (const area of rows) {
    const row = put("tr", body), where = data.areas[area];
    const name = put("th", row, undefined, "words"), link = put("a", name, where[lang()]);
    name.scope = "row";
    link.href = "#" + slug(area);
    put("td", row, where.above[lang()], "words above");
    for (const column of columns()) {
      const bySign = signed(one, column.view);
      put("td", row, column.low ? interval(one, column.low, column.high, area, year, bySign)
        : shown(one, value(one, column.view, area, year), bySign), column.low ? "interval" : column.view === "d" ? "difference" : column.view === "r" ? "other" : "");
    }
    const mark = doubt(one, area, year);
    if (!data.single) put("td", row, data.marks[mark]);
    if (mark) row.className = "faded";
  }
  const all = data.areas.filter((_, i) => ofLevel(i)).length;
  by("counties-count").textContent = say("counties_count", { count: rows.length, all });
}

by("counties-indicator").onchange = (event) => { wanted.indicator = Number(event.target.value); countyTable(); };
for (const id of ["county-level", "county-filter", "county-above", "county-clear"]) by(id).oninput = countyTable;
by("counties-csv").onclick = () =>
  save("counties-" + data.indicators[wanted.indicator].name + ".csv", csv(sorted(), [data.indicators[wanted.indicator]], [data.year]), "text/csv");
by("counties-csv-all").onclick = () =>
  save("counties.csv", csv(data.areas.map((_, i) => i).filter(ofLevel), data.indicators, data.years.map((_, i) => i)), "text/csv");
