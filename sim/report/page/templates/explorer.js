// ---- the map

const map = by("map");
const counties = outlines(map, (i) => pin(state.pinned === i ? null : i));
counties.forEach((path, i) => path.addEventListener("mouseenter", () => { state.hovered = i; panel(); outline(); }));
const marked = draw("path", { class: "marked" }, map);
const labels = named(map);
map.addEventListener("mouseleave", () => { state.hovered = null; panel(); outline(); });

function pin(area) {
  state.pinned = area;
  by("county").value = area === null ? "" : String(area);
  panel();
  outline();
}
function outline() {
  const area = state.hovered === null ? state.pinned : state.hovered;
  marked.setAttribute("d", area === null ? "" : data.areas[area].d);
}
function paint() {
  const one = indicator(), { ends, doubtful, lacking } = painted(counties, labels, one, state.view, state.year);
  legend("", one, state.view, ends);
  const grey = [];
  if (doubtful) grey.push(say("grey", { count: doubtful }));
  if (lacking) grey.push(say("lacking", { count: lacking }));
  if (state.view === "d" && phrases.blind) grey.push(say("blind"));
  by("grey").textContent = grey.join(" ");
  by("grey-box").hidden = doubtful + lacking === 0;
  const titles = { b: say("base"), r: say("reform"), d: say("less") };
  by("map-title").textContent = one[lang()] + say("comma") + data.years[state.year] + say("colon") + titles[state.view];
  by("map-note").textContent = say("map_note", { unit: unitOf(one, state.view) }) + " " + say("source");
  map.setAttribute("aria-label", by("map-title").textContent);
}

// ---- one county

function panel() {
  const box = by("panel"), area = state.hovered === null ? state.pinned : state.hovered;
  box.textContent = "";
  if (area === null) { put("p", box, say("hint"), "quiet"); return; }
  const one = indicator(), where = data.areas[area], year = state.year;
  put("h3", box, where[lang()] + say("comma") + where.above[lang()]).id = "panel-name";
  put("p", box, one[lang()] + say("comma") + data.years[year] + say("bracket", { text: unit(one) }), "quiet");
  const table = put("table", box, undefined, "small");
  const rows = [["b", "base", "bl", "bh"]].concat(data.single ? [] : [["r", "reform", "rl", "rh"], ["d", "difference", "l", "h"]]);
  const head = put("tr", put("thead", table));
  for (const text of ["", say("value"), say("interval")]) put("th", head, text);
  const body = put("tbody", table);
  for (const [view, title, low, high] of rows) {
    const row = put("tr", body);
    put("td", row, say(title), "words");
    put("td", row, shown(one, value(one, view, area, year), view === "d" || one.signed));
    put("td", row, interval(one, low, high, area, year, view === "d" || one.signed));
    if (view === "d" && doubt(one, area, year)) row.className = "faded";
  }
  if (!data.single) put("p", box, doubted(doubt(one, area, year)), "quiet");
  chart(box, one, area);
  if (state.hovered === null) details(box, area);
}
function details(box, area) {
  const fold = put("details", box);
  put("summary", fold, say("all", { year: data.years[state.year] }));
  const table = put("table", fold, undefined, "small");
  const head = put("tr", put("thead", table));
  const views = data.single ? ["b"] : ["b", "r", "d"];
  for (const text of ["", ...views.map((view) => say({ b: "base", r: "reform", d: "difference" }[view]))]) put("th", head, text);
  const body = put("tbody", table);
  for (const one of data.indicators) {
    const row = put("tr", body);
    put("td", row, one[lang()] + say("bracket", { text: unit(one) }), "words");
    for (const view of views) {
      put("td", row, shown(one, value(one, view, area, state.year), view === "d" || one.signed), view === "d" ? "difference" : "");
    }
    if (doubt(one, area, state.year)) row.className = "faded";
  }
}
function chart(box, one, area) {
  const W = 420, H = 190, L = 58, R = 18, T = 10, B = 24;
  const svg = draw("svg", { viewBox: "0 0 " + W + " " + H, class: "chart", role: "img", "aria-label": one[lang()] }, box);
  const views = data.single ? ["b"] : ["b", "r"];
  const lists = views.flatMap((view) => [view, view + "l", view + "h"]).filter((key) => one[key]).map((key) => one[key][area]);
  const numbers = lists.flat().filter((number) => number !== null);
  if (!numbers.length) return;
  let low = Math.min(...numbers), high = Math.max(...numbers);
  if (high === low) { high += Math.abs(high) * 0.01 || 1; low -= Math.abs(low) * 0.01 || 1; }
  const x = (i) => L + ((W - L - R) * i) / Math.max(data.years.length - 1, 1);
  const y = (number) => T + ((H - T - B) * (high - number)) / (high - low);
  for (const share of [0, 0.5, 1]) {
    const at = low + share * (high - low);
    draw("line", { x1: L, x2: W - R, y1: y(at), y2: y(at), class: "grid" }, svg);
    draw("text", { x: L - 6, y: y(at) + 4, "text-anchor": "end" }, svg, shown(one, at, one.signed));
  }
  data.years.forEach((year, i) => {
    if (i % 2 === 0) draw("text", { x: x(i), y: H - 7, "text-anchor": "middle" }, svg, year);
  });
  draw("line", { x1: x(state.year), x2: x(state.year), y1: T, y2: H - B, class: "now" }, svg);
  for (const view of views) {
    const points = (key) => one[key][area].map((number, i) => [i, number]).filter((point) => point[1] !== null)
      .map((point) => x(point[0]).toFixed(1) + "," + y(point[1]).toFixed(1));
    if (one[view + "l"]) {
      const band = points(view + "h").concat(points(view + "l").reverse()).join(" ");
      draw("polygon", { points: band, fill: COLOURS[view], opacity: 0.15 }, svg);
    }
    draw("polyline", { points: points(view).join(" "), fill: "none", stroke: COLOURS[view], "stroke-width": 2,
      "stroke-dasharray": view === "r" ? "6 3" : "none" }, svg);
  }
  const key = put("p", box, undefined, "quiet key");
  for (const view of views) {
    const part = put("span", key);
    const line = draw("svg", { viewBox: "0 0 26 8", width: 26, height: 8 }, part);
    draw("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: COLOURS[view], "stroke-width": 2.5, "stroke-dasharray": view === "r" ? "6 3" : "none" }, line);
    put("span", part, say({ b: "base", r: "reform" }[view]));
  }
  put("span", key, say(one.bl ? "band" : "no_band"));
}

// ---- controls

function options(select, texts) {
  const kept = select.value;
  select.textContent = "";
  for (const [name, text] of texts) { const option = put("option", select, text); option.value = name; }
  select.value = kept && texts.some(([name]) => name === kept) ? kept : texts[0][0];
}
function fill() {
  options(by("indicator"), data.indicators.map((one, i) => [String(i), one[lang()]]));
  const order = data.areas.map((area, i) => [String(i), area.above[lang()] + say("dot") + area[lang()]]);
  options(by("county"), [["", say("choose")], ...order]);
  by("county").value = state.pinned === null ? "" : String(state.pinned);
  document.title = say("title");
  by("year-now").textContent = data.years[state.year];
  for (const button of document.querySelectorAll("#view button")) {
    button.setAttribute("aria-pressed", String(button.value === state.view));
  }
  paint();
  panel();
  outline();
}
by("year").max = data.years.length - 1;
by("year").value = state.year;
by("year").oninput = (event) => { state.year = Number(event.target.value); fill(); };
by("indicator").onchange = (event) => { state.indicator = Number(event.target.value); fill(); };
by("county").onchange = (event) => { pin(event.target.value === "" ? null : Number(event.target.value)); };
for (const button of document.querySelectorAll("#view button")) {
  button.onclick = () => { state.view = button.value; fill(); };
}
by("switch").onclick = () => { page.lang = lang() === "zh" ? "en" : "zh"; fill(); effect(); choose(); };
by("print").onclick = () => window.print();
