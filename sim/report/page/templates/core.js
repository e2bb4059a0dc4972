const page = document.documentElement;
const by = (id) => document.getElementById(id);
const data = JSON.parse(by("numbers").textContent);
const phrases = JSON.parse(by("phrases").textContent);
const SVG = "http://www.w3.org/2000/svg";
const GREY = "#dedede";
const COLOURS = { b: "#0072b2", r: "#d55e00" };
const own = data.areas.slice(0, data.counties);  // the counties; larger areas follow them
const state = { indicator: 0, view: "b", year: data.year, pinned: null, second: null, hovered: null, open: new Set() };

const lang = () => (page.lang === "zh" ? "zh" : "en");
function say(key, values) {
  const text = phrases[key][lang() === "zh" ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
function draw(name, attributes, parent, text) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}
function put(name, parent, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  parent.appendChild(node);
  return node;
}

// ---- numbers

const indicator = () => data.indicators[state.indicator];
function value(one, key, area, year) { return one[key] ? one[key][area][year] : null; }
function shown(one, number, signed) {
  if (number === null || number === undefined) return "–";
  const [, factor, decimals] = data.units[one.unit][lang()];
  const rounded = Number((number * factor).toFixed(decimals)) + 0;
  const text = Math.abs(rounded).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return (rounded < 0 ? "−" : signed && rounded > 0 ? "+" : "") + text;
}
function interval(one, low, high, area, year, signed) {
  if (!one[low]) return say("none");
  if (one[low][area][year] === null) return "–";
  return shown(one, one[low][area][year], signed) + say("to") + shown(one, one[high][area][year], signed);
}
function doubt(one, area, year) { return one.doubt ? Number(one.doubt[area][year]) : 0; }
function doubted(mark) { return say(["clear", "by_seed", "by_draws", "by_both"][mark]); }
function unit(one) { return data.units[one.unit][lang()][0]; }
function bracketed(text) { return say("bracket", { text: text.replace(/（(.*)）/, "，$1") }); }  // no brackets within brackets
function unitOf(one, view) { return view === "d" && unit(one) === "%" ? say("points") : unit(one); }
function signed(one, view) { return view === "d" || one.signed; }
function quantile(sorted, share) { return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]; }
function range(one, view) {
  const found = [], bySign = signed(one, view);
  for (const seen of view === "d" ? ["d"] : data.single ? ["b"] : ["b", "r"]) {
    for (let area = 0; area < own.length; area++) {
      for (let year = 0; year < data.years.length; year++) {
        const number = value(one, seen, area, year);
        if (number !== null) found.push(bySign ? Math.abs(number) : number);
      }
    }
  }
  found.sort((a, b) => a - b);
  if (!found.length) return [0, 1];
  if (bySign) { const most = quantile(found, 0.98) || 1; return [-most, most]; }
  const low = quantile(found, 0.01), high = quantile(found, 0.99);
  return [low, high > low ? high : low + 1];
}
function colour(number, ends, bySign) {
  const ramp = data.colours[bySign ? "difference" : "level"];
  const at = Math.max(0, Math.min(1, (number - ends[0]) / (ends[1] - ends[0]))) * (ramp.length - 1);
  const step = Math.min(Math.floor(at), ramp.length - 2), part = at - step;
  const mix = [1, 3, 5].map((i) => {
    const from = parseInt(ramp[step].slice(i, i + 2), 16), to = parseInt(ramp[step + 1].slice(i, i + 2), 16);
    return Math.round(from + (to - from) * part);
  });
  return "rgb(" + mix.join(",") + ")";
}

// ---- maps

function outlines(map, click) {
  map.setAttribute("viewBox", "-12 -12 " + (data.frame[0] + 24) + " " + (data.frame[1] + 24));
  const paths = own.map((area, i) => {
    const path = draw("path", { d: area.d, class: "county", "data-code": area.code }, map);
    path.addEventListener("click", () => click(i));
    return path;
  });
  for (const d of data.prefectures) draw("path", { d: d, class: "prefecture" }, map);
  return paths;
}
function named(map) {
  return data.labels.map((label) =>
    draw("text", { x: label.x, y: label.y, class: label.outside ? "name outside" : "name" }, map));
}
function painted(paths, labels, one, view, year) {
  const ends = range(one, view), bySign = signed(one, view);
  let doubtful = 0, lacking = 0;
  paths.forEach((path, area) => {
    const number = value(one, view, area, year);
    const dull = view === "d" && doubt(one, area, year) > 0;
    doubtful += dull && number !== null ? 1 : 0;
    lacking += number === null ? 1 : 0;
    path.setAttribute("fill", number === null || dull ? GREY : colour(number, ends, bySign));
  });
  labels.forEach((node, i) => {
    node.textContent = data.labels[i][lang()];
    node.setAttribute("x", data.labels[i].x);
    const box = node.getBBox(), over = Math.max(0, box.x + box.width - data.frame[0] - 12);  // no name leaves the map
    if (over) node.setAttribute("x", data.labels[i].x - over);
  });
  return { ends, doubtful, lacking };
}
function legend(prefix, one, view, ends) {
  const ramp = data.colours[signed(one, view) ? "difference" : "level"], ticks = by(prefix + "ticks");
  by(prefix + "ramp").style.background = "linear-gradient(90deg," + ramp.join(",") + ")";
  ticks.textContent = "";
  for (const share of [0, 0.5, 1]) {
    put("span", ticks, shown(one, ends[0] + share * (ends[1] - ends[0]), signed(one, view)));
  }
  by(prefix + "ramp-unit").textContent = unitOf(one, view);
}
