/* Charts of the reports: each canvas names the JSON beside it; colours come from the theme, and follow it. */
const drawn = new Map();
let printing = false;

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

const COLOURS = ["--accent", "--info", "--warn", "--chart-4", "--chart-5", "--chart-6"];
const PAPER = 680; // pixels across an upright page: text keeps its size and its shape
const SHAPES = ["circle", "rectRot", "triangle"];

/* The colour named, in stripes where it is not the first: told apart in print and by those who see no colours. */
function striped(shade, i) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = shade;
  pen.fillRect(0, 0, 8, 8);
  if (!i) return shade;
  pen.strokeStyle = colour("--surface");
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (i === 1 || i === 4) { pen.moveTo(-2, 10); pen.lineTo(10, -2); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(6, 10); pen.lineTo(10, 6); }
  if (i === 2 || i === 5) { pen.moveTo(0, 4); pen.lineTo(8, 4); }
  if (i === 3 || i === 5) { pen.moveTo(4, 0); pen.lineTo(4, 8); }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function series(spec) {
  const colours = COLOURS.map(colour);
  const lines = spec.kind === "line";
  return spec.series.map((one, i) => {
    const line = lines || (spec.kind === "mixed" && i > 0);
    return {
      type: line ? "line" : "bar",
      label: one.label,
      data: one.values,
      order: line ? 0 : 1,
      borderColor: colours[i],
      backgroundColor: line ? colours[i] : striped(colours[i], i),
      borderWidth: line ? 2 : 0,
      borderDash: lines && i ? [5, 4] : [],
      pointRadius: spec.labels.length > 40 ? 0 : 3,
      pointStyle: line ? SHAPES[i] : "rect",
      tension: 0,
      spanGaps: false,
      maxBarThickness: 44,
      borderRadius: spec.kind === "stacked" ? 0 : 3,
    };
  });
}

/* Long names over several lines where there is little room beside the bars. */
const broken = (name, room) => name.split(" ").reduce((found, word) => {
  const last = found.at(-1);
  if (last && last.length + word.length < room) return [...found.slice(0, -1), `${last} ${word}`];
  return [...found, word];
}, []);

function draw(canvas) {
  const spec = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  const ink = colour("--ink-3"), line = colour("--line");
  const across = spec.kind === "across", stacked = spec.kind === "stacked";
  const unit = spec.unit && `\u00a0${spec.unit}`;
  drawn.get(canvas)?.destroy();
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const labels = across ? spec.labels.map((name) => broken(name, canvas.parentElement.clientWidth < 480 ? 16 : 30)) : spec.labels;
  if (across) {
    const lines = Math.max(1, ...labels.map((each) => each.length));
    canvas.parentElement.style.height = `${70 + spec.labels.length * Math.max(spec.series.length > 1 ? 34 : 26, lines * 15 + 6)}px`;
  }
  const named = {
    ticks: { color: ink, maxRotation: 40, autoSkipPadding: 12, autoSkip: !across }, grid: { display: false }, border: { color: line }, stacked,
  };
  const counted = {
    beginAtZero: spec.zero, ticks: { color: ink, callback: (value) => `${value.toLocaleString()}${unit}` }, grid: { color: line },
    border: { display: false }, stacked,
    max: stacked && spec.unit === "%" ? 100 : undefined,
  };
  drawn.set(canvas, new window.Chart(canvas, {
    type: "bar",
    data: { labels, datasets: series(spec) },
    options: {
      animation: false,
      responsive: !printing,
      maintainAspectRatio: false,
      indexAxis: across ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: across ? "y" : "x" },
      plugins: {
        legend: { display: spec.series.length > 1, align: "start", labels: { color: ink, usePointStyle: true, boxHeight: 7 } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.formattedValue}${unit}` } },
      },
      scales: across ? { y: named, x: counted } : { x: named, y: counted },
    },
  }));
  if (printing) drawn.get(canvas).resize(PAPER, canvas.parentElement.clientHeight);
}

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const all = () => document.querySelectorAll("canvas[data-chart]").forEach(draw);
if (document.querySelector("canvas[data-chart]")) {
  all();
  new MutationObserver(all).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  /* Paper is white, whatever the screen is. */
  let theme;
  addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.theme;
    printing = true;
    document.documentElement.dataset.theme = "light";
    all();
  });
  addEventListener("afterprint", () => {
    printing = false;
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  });
}
