// ---- the map

const map = by("map");
const counties = outlines(map, (i) => pin(state.pinned === i ? null : i));
counties.forEach((path, i) => path.addEventListener("mouseenter", () => { state.hovered = i; panel(); outline(); }));
const marked = draw("path", { class: "marked" }, map);
const markedTwo = draw("path", { class: "marked two" }, map);
const labels = named(map);
map.addEventListener("mouseleave", () => { state.hovered = null; panel(); outline(); });

function outline() {
  const area = state.hovered === null ? state.pinned : state.hovered;
  marked.setAttribute("d", area === null ? "" : data.areas[area].d);
  markedTwo.setAttribute("d", state.second === null ? "" : data.areas[state.second].d);
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

// ---- which counties are looked at, and their address

function slug(area) {
  const { code, en, by } = data.areas[area];
  return by === "group" ? code : String(by ? code / (by === "province" ? 10000 : 100) : code) + "-" + en.replace(/[^A-Za-z]/g, "");
}
function pin(area, second) {
  state.pinned = area;
  state.second = area === null || second === area ? null : second === undefined ? state.second : second;
  if (state.second === area) state.second = null;
  by("county").value = area === null ? "" : String(area);
  by("county-two").value = state.second === null ? "" : String(state.second);
  by("county-two").disabled = area === null;
  const asked = area === null ? "" : "#" + [area, state.second].filter((one) => one !== null).map(slug).join("+");
  if (location.hash !== asked && (asked || asks(location.hash).length)) history.replaceState(null, "", asked || location.pathname);
  panel();
  outline();
}
function asks(hash) {  // #130185-Luquan, a prefecture #1301 or #130100, a group #potential-counties, the province #13, two with +
  const found = hash.replace(/^#/, "").split("+").map((word) => {
    const number = /^\d{2,6}(?=-|$)/.exec(word), code = number ? number[0].padEnd(6, "0") : word;
    return data.areas.findIndex((area) => String(area.code) === code);
  });
  return found.filter((area) => area >= 0);
}
function address(hash) {
  const [area, second] = asks(hash);
  if (area === undefined) return;
  pin(area, second === undefined ? null : second);
  by("s_maps").scrollIntoView();
}
window.addEventListener("hashchange", () => address(location.hash));
function plain(text) { return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""); }
function matches(area, text) {
  const asked = plain(text);
  return !asked || [area.en, area.zh, String(area.code), area.above.en, area.above.zh].some((name) => plain(name).includes(asked));
}
function search(text) {
  const asked = plain(text), named = data.areas.map((area, i) => [area, i]).filter(([area]) => matches(area, text));
  if (!asked || !named.length) return;
  const exact = named.find(([area]) => [area.en, area.zh, String(area.code)].some((name) => plain(name) === asked));
  const begins = named.find(([area]) => [area.en, area.zh].some((name) => plain(name).startsWith(asked)));
  pin((exact || begins || named[0])[1]);
}

// ---- one county, or two side by side

function panel() {
  const box = by("panel"), chosen = state.hovered === null ? state.pinned : state.hovered;
  const area = chosen === null ? data.areas.findIndex((one) => one.by === "province") : chosen;
  box.textContent = "";
  if (chosen === null) put("p", box, say("hint"), "quiet hint");
  if (area < 0) return;
  const areas = state.hovered === null && state.second !== null ? [area, state.second] : [area];
  const place = put("div", box, undefined, areas.length > 1 ? "pair" : "");
  for (const one of areas) story(put("div", place), one, areas.length > 1);
  if (state.hovered !== null) return;
  const row = put("p", box, undefined, "downloads");
  const said = (key, act) => { const button = put("button", row, say(key)); button.type = "button"; button.onclick = act; };
  said("county_csv", () => save(areas.map(slug).join("+") + ".csv", csv(areas, data.indicators, data.years.map((_, i) => i)), "text/csv"));
  said("chart_png", () => picture([...box.querySelectorAll(".chart")], areas.map(slug).join("+") + ".png",
    areas.map((one) => called(one) + say("comma") + indicator()[lang()] + bracketed(unit(indicator())))));
  const told = new Set(areas.map((one) => data.areas[one].by ? "area_caveat" : "county_caveat"));
  for (const key of told) put("p", box, say(key), "quiet source");
}
function called(area) {
  const { above } = data.areas[area];
  return data.areas[area][lang()] + (above[lang()] ? say("comma") + above[lang()] : "");
}
function story(box, area, narrow) {
  const one = indicator(), year = state.year;
  put("h3", box, called(area)).className = "panel-name";
  put("p", box, one[lang()] + say("comma") + data.years[year] + bracketed(unit(one)), "quiet");
  const table = put("table", box, undefined, "small");
  const rows = [["b", "base", "bl", "bh"]].concat(data.single ? [] : [["r", "reform", "rl", "rh"], ["d", "difference", "l", "h"]]);
  const head = put("tr", put("thead", table));
  for (const text of ["", say("value"), say("interval")]) column(head, text);
  const body = put("tbody", table);
  for (const [view, title, low, high] of rows) {
    const row = put("tr", body), points = view === "d" && unitOf(one, view) !== unit(one);
    rowHead(row, say(title) + (points ? bracketed(unitOf(one, view)) : ""));
    put("td", row, shown(one, value(one, view, area, year), signed(one, view)));
    put("td", row, interval(one, low, high, area, year, signed(one, view)));
    if (view === "d" && doubt(one, area, year)) row.className = "faded";
  }
  if (!data.single) put("p", box, doubted(doubt(one, area, year)), "quiet");
  chart(box, one, area, narrow);
  if (state.hovered !== null) return;
  people(box, area);
  details(box, area, narrow);
}
function column(head, text) { if (text === "") put("td", head); else put("th", head, text).scope = "col"; }
function rowHead(row, text) { put("th", row, text, "words").scope = "row"; }
function people(box, area) {
  const found = data.stories[area];
  if (!found) return;
  if (found.ages) {
    const table = put("table", fold(box, "ages"), undefined, "small"), runs = data.single ? ["base"] : ["base", "reform"];
    const head = put("tr", put("thead", table));
    for (const text of ["", data.years[0], ...runs.map((run) => data.years[data.year] + say("comma") + say(run))]) column(head, text);
    const body = put("tbody", table);
    found.ages.forEach((shares, band) => {
      const row = put("tr", body);
      rowHead(row, say("band_" + band));
      for (const share of shares) put("td", row, share.toFixed(1) + "%");
    });
  }
  for (const way of ["from", "to"]) {
    if (!found[way] || !found[way].length) continue;
    const table = put("table", fold(box, "moved_" + way), undefined, "small");
    const head = put("tr", put("thead", table));
    const runs = data.single ? ["base"] : ["base", "reform"];
    for (const text of [unit({ unit: "persons" }), ...runs.map((run) => say(run))]) column(head, text);
    head.firstChild.className = "words";
    const body = put("tbody", table);
    for (const [code, ...persons] of found[way]) {
      const row = put("tr", body);
      rowHead(row, nameOf(code));
      for (const number of persons) put("td", row, shown({ unit: "persons" }, number));
    }
  }
}
function nameOf(code) {
  const area = data.areas.find((one) => one.code === code);
  return (area || data.outside[code])[lang()];
}
function fold(box, key) {
  const made = put("details", box);
  put("summary", made, say(key, { start: data.years[0], year: data.years[data.year] }));
  made.open = state.open.has(key);
  made.addEventListener("toggle", () => state.open[made.open ? "add" : "delete"](key));
  return made;
}
function details(box, area, narrow) {
  const table = put("table", fold(box, "all"), undefined, "small");
  const head = put("tr", put("thead", table));
  const views = data.single ? ["b"] : ["b", "r", "d"];
  const titles = views.map((view) => say({ b: "base", r: "reform", d: "difference" }[view]));
  for (const text of ["", ...titles, ...(narrow ? [] : [say("interval")])]) column(head, text);
  if (!data.single) head.children[2].className = "other";  // a phone has no room for it
  const body = put("tbody", table);
  for (const one of data.indicators) {
    const row = put("tr", body);
    rowHead(row, one[lang()] + bracketed(unit(one)));
    for (const view of views) {
      put("td", row, shown(one, value(one, view, area, state.year), signed(one, view)), view === "d" ? "difference" : view === "r" ? "other" : "");
    }
    const [low, high] = data.single ? ["bl", "bh"] : ["l", "h"];
    if (!narrow) put("td", row, interval(one, low, high, area, state.year, !data.single || one.signed), "interval");
    if (doubt(one, area, state.year)) row.className = "faded";
  }
}
function chart(box, one, area, narrow) {
  const W = narrow ? 300 : 420, H = 190, L = 58, R = 18, T = 10, B = 24;
  const svg = draw("svg", { viewBox: "0 0 " + W + " " + H, class: "chart", role: "img", "aria-label": one[lang()] }, box);
  const views = data.single ? ["b"] : ["b", "r"];
  const keys = views.flatMap((view) => [view, view + "l", view + "h"]).filter((key) => one[key]);
  const both = narrow ? [state.pinned, state.second] : [area];  // the same scale for two side by side
  const numbers = both.flatMap((each) => keys.flatMap((key) => one[key][each])).filter((number) => number !== null);
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
    if (i % (narrow ? 4 : 2) === 0) draw("text", { x: x(i), y: H - 7, "text-anchor": "middle" }, svg, year);
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
    const line = draw("svg", { viewBox: "0 0 26 8", width: 26, height: 8, "aria-hidden": "true" }, part);
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
  const order = data.areas.map((area, i) => [String(i), (area.above[lang()] ? area.above[lang()] + say("dot") : "") + area[lang()]]);
  order.unshift(...order.splice(own.length));  // larger areas first
  options(by("county"), [["", say("choose")], ...order]);
  options(by("county-two"), [["", say("none_beside")], ...order]);
  const names = by("county-names");
  names.textContent = "";
  for (const area of data.areas) put("option", names).value = area.zh + " " + area.en;
  document.title = say("title");
  turn();
}
function turn() {
  by("county").value = state.pinned === null ? "" : String(state.pinned);
  by("county-two").value = state.second === null ? "" : String(state.second);
  by("county-two").disabled = state.pinned === null;
  by("year").value = state.year;
  by("year-now").textContent = data.years[state.year];
  for (const button of document.querySelectorAll("#view button")) {
    button.setAttribute("aria-pressed", String(button.value === state.view));
  }
  paint();
  panel();
  outline();
}
by("year").max = data.years.length - 1;
by("year").oninput = (event) => { state.year = Number(event.target.value); turn(); };
let playing = null;
by("play").onclick = () => {
  const stop = () => { clearInterval(playing); playing = null; by("play").setAttribute("aria-pressed", "false"); };
  if (playing) { stop(); return; }
  by("play").setAttribute("aria-pressed", "true");
  if (state.year === data.years.length - 1) state.year = 0;
  turn();
  playing = setInterval(() => {
    state.year += 1;
    turn();
    if (state.year === data.years.length - 1) stop();
  }, 700);
};
by("indicator").onchange = (event) => { state.indicator = Number(event.target.value); turn(); };
by("county").onchange = (event) => { pin(event.target.value === "" ? null : Number(event.target.value)); };
by("county-two").onchange = (event) => { pin(state.pinned, event.target.value === "" ? null : Number(event.target.value)); };
by("county-search").onchange = (event) => {
  const [zh] = event.target.value.split(" ");  // a choice from the list holds both names
  search(data.areas.some((area) => area.zh + " " + area.en === event.target.value) ? zh : event.target.value);
};
for (const button of document.querySelectorAll("#view button")) {
  button.onclick = () => { state.view = button.value; turn(); };
}
by("map-png").onclick = () => picture([map], "map-" + indicator().name + "-" + data.years[state.year] + ".png", [by("map-title").textContent]);
by("map-csv").onclick = () => save(indicator().name + "-" + data.years[state.year] + ".csv",
  csv(own.map((_, i) => i), [indicator()], [state.year]), "text/csv");
by("switch").onclick = () => { page.lang = lang() === "zh" ? "en" : "zh"; fill(); effect(); choose(); countyTable(); };
by("print").onclick = () => window.print();
