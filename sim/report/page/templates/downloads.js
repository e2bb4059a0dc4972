// ---- downloads

function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
const KEYS = { b: "baseline", bl: "baseline_low", bh: "baseline_high", r: "reform", rl: "reform_low", rh: "reform_high",
  d: "difference", l: "low", h: "high" };
function csv(areas, found, years) {
  const keys = Object.keys(KEYS).filter((key) => data.indicators.some((one) => one[key]));
  const lines = [["place", "name_en", "name_zh", "prefecture", "indicator", "unit", "year", ...keys.map((key) => KEYS[key])]];
  if (!data.single) lines[0].push("below_noise", "interval_holds_zero");
  for (const area of areas) {
    const where = data.areas[area];
    for (const one of found) {
      for (const year of years) {
        const numbers = keys.map((key) => value(one, key, area, year));
        const mark = doubt(one, area, year), marks = data.single ? [] : [Number((mark & 1) > 0), Number((mark & 2) > 0)];
        lines.push([where.code, where.en, where.zh, where.above.en, one.name, one.unit, data.years[year],
          ...numbers.map((number) => number === null || number === undefined ? "" : number), ...marks]);
      }
    }
  }
  const cell = (text) => /[",\n]/.test(String(text)) ? '"' + String(text).replaceAll('"', '""') + '"' : String(text);
  return "\ufeff" + lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}
function picture(svg, name, title) {
  const copy = svg.cloneNode(true), box = svg.viewBox.baseVal, [width, height] = [box.width, box.height];
  const size = Math.round(width / 30), top = size * 2;
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("viewBox", [box.x, box.y - top, width, height + top].join(" "));
  draw("style", {}, copy, "text{font:" + Math.round(width / 40) + "px sans-serif;fill:#222}.county{stroke:#fff}" +
    ".prefecture,.marked{fill:none;stroke:#4d4d4d;stroke-width:1.8}.name{text-anchor:middle;stroke:#fff;stroke-width:4px;paint-order:stroke}" +
    ".grid{stroke:#ddd}.now{stroke:#999;stroke-dasharray:2 3}");
  draw("text", { x: box.x + size / 2, y: box.y - size / 2, style: "font-size:" + size + "px" }, copy, title);
  const image = new Image(), canvas = document.createElement("canvas"), scale = 1600 / width;
  [canvas.width, canvas.height] = [1600, Math.round((height + top) * scale)];
  [image.width, image.height] = [canvas.width, canvas.height];
  copy.setAttribute("width", canvas.width);
  copy.setAttribute("height", canvas.height);
  image.onload = () => {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(name, blob));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
}
