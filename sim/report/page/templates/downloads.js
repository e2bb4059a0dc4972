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
function picture(svgs, name, titles) {
  const whole = document.createElementNS(SVG, "svg"), boxes = svgs.map((svg) => svg.viewBox.baseVal);
  const width = boxes.reduce((sum, box) => sum + box.width, 0), size = Math.round(boxes[0].width / 30), top = size * 2.2;
  const height = Math.max(...boxes.map((box) => box.height)) + top;
  draw("style", {}, whole, "text{font:" + Math.round(boxes[0].width / 40) + "px sans-serif;fill:#222}.county{stroke:#fff}" +
    ".prefecture,.marked{fill:none;stroke:#4d4d4d;stroke-width:1.8}.name{text-anchor:middle;stroke:#fff;stroke-width:4px;paint-order:stroke}" +
    ".grid{stroke:#ddd}.now{stroke:#999;stroke-dasharray:2 3}");
  let left = 0;
  svgs.forEach((svg, i) => {
    const copy = svg.cloneNode(true);
    for (const [key, number] of Object.entries({ x: left, y: top, width: boxes[i].width, height: boxes[i].height })) copy.setAttribute(key, number);
    whole.appendChild(copy);
    draw("text", { x: left + size / 2, y: size * 1.4, style: "font-size:" + size + "px" }, whole, titles[i]);
    left += boxes[i].width;
  });
  const image = new Image(), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [1600, Math.round((height * 1600) / width)];
  [image.width, image.height] = [canvas.width, canvas.height];
  for (const [key, text] of Object.entries({ xmlns: SVG, viewBox: [0, 0, width, height].join(" "), width: canvas.width, height: canvas.height })) {
    whole.setAttribute(key, text);
  }
  image.onload = () => {
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(name, blob));
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(whole));
}
