// ---- through time: lanes ----
const mark = (row, parts) => glyph(row.v.kind, {
  ...parts,
  ...(row.v.denied || row.v.disputes ? { fill: `url(#hatch${kindNumber(row.v.kind)})` } : {}),
  class: `${row.v.expected ? "hollow" : ""} ${row.v.denied || row.v.disputes ? "hatched" : ""}`,
});
const lane_keys = (v) => {
  if (S.lanes === "kinds") return [v.kind];
  if (S.lanes === "places") return v.places ?? [-1];
  return v.actors && v.actors.length ? v.actors : [-1];
};
const lane_name = (key) => {
  if (key < 0) return S.lanes === "places" ? t("no_place") : t("nobody_named");
  if (S.lanes === "kinds") return upper(D.kinds[key]);
  return S.lanes === "places" ? D.places[key][1] : D.actors[key];
};

// All that is shown, or, where a few lie far away, the stretch that holds most of it.
const view_of = (whole) => {
  if (S.view && !whole) return S.view;
  extent ??= spread();
  const { first, most, last, end, length } = extent, [from, to] = whole || length < MOST_LABELLED || end - first < 3 * (last - most) ? [first, end] : [most, last];
  const pad = Math.max((to - from) * 0.05, 12 * HOUR);
  return [from - pad, to + (D.held.length && S.lanes === "places" ? 2.2 : 1) * pad];
};
let extent = null, grouped = {}; // made once for what is filtered
const spread = () => {
  const often = new Int32Array(END); // bounds are numbered in order, so counting sorts them
  let length = 0;
  for (const { v } of rows) for (const bound of [v.lo, v.hi]) if (bound !== undefined) { often[bound]++; length++; }
  const at = (part) => { let n = Math.round(part * (length - 1)); return D.bounds[often.findIndex((count) => (n -= count) < 0)] ?? 0; };
  return { first: at(0), most: at(0.04), last: at(0.96), end: at(1), length };
};
const group = () => {
  const lanes = new Map(), courses = S.lanes === "places" ? held_now() : new Map();
  for (const row of rows) for (const key of lane_keys(row.v)) { if (!lanes.has(key)) lanes.set(key, []); lanes.get(key).push(row); }
  for (const place of courses.keys()) if (!lanes.has(place) && (S.place === "" || +S.place === place) && rows.length) lanes.set(place, []);
  const keys = [...lanes.keys()].sort((a, b) => (a < 0) - (b < 0) || courses.has(b) - courses.has(a) || lanes.get(b).length - lanes.get(a).length || (lane_name(a) < lane_name(b) ? -1 : 1));
  return { lanes, courses, keys };
};
const now_at = () => { const n = bound_of(S.at), here = D.bounds[n]; return between(S.at) ? (here + (D.bounds[n + 1] ?? here + DAY)) / 2 : here; };
const MOST_LANES = 14, MOST_ROWS = 4, MOST_LABELLED = 70;

const draw = () => {
  const box = $("lanes"), W = Math.max(280, box.clientWidth), view = view_of(), [from, to] = view;
  const gutter = W >= 720 ? 176 : 0, right = 14, X = (ms) => gutter + ((ms - from) / (to - from)) * (W - gutter - right);
  const left = gutter + 6, end = W - right;
  const { lanes, courses, keys } = (grouped[S.lanes] ??= group());
  const shown = S.all ? keys : keys.slice(0, MOST_LANES);
  $("more").hidden = keys.length <= MOST_LANES;
  $("more").textContent = S.all ? t("first_lanes", { n: MOST_LANES }) : t("all_lanes", { n: keys.length });
  const labelled = rows.length <= MOST_LABELLED;
  const root = svg("svg", { role: "img" }, svg("defs", {},
    svg("clipPath", { id: "in" }, svg("rect", { x: gutter, width: Math.max(1, W - gutter), y: 0, height: 100000 }))));
  const grid = svg("g"), body = svg("g");
  root.append(grid, body);
  drawn.clear();
  let y = 34;
  for (const key of shown) {
    const top = y, inside = svg("g", { "clip-path": "url(#in)" }), events = lanes.get(key);
    if (top > 34) body.append(svg("line", { x1: 0, x2: W, y1: y, y2: y, class: "lane-line" }));
    const name = lane_name(key);
    const title = svg("text", { x: 14, y: y + 22, class: "lane-name" }, cut(name, gutter ? gutter - 24 : W - 110, 13.5, 600), svg("title", {}, name));
    const count = svg("text", { x: gutter ? 14 : W - 12, y: gutter ? y + 38 : y + 22, "text-anchor": gutter ? "start" : "end", class: "lane-count" }, events.length ? t("events", { n: events.length }) : "");
    y += gutter ? 10 : 32;
    if (courses.has(key)) { bars(inside, courses.get(key), X, left, S.at === null ? end : Math.min(end, X(now_at())), y); y += 26; }
    y = marks(inside, events, X, left, end, y, labelled) + 8;
    y = Math.max(y, top + (gutter ? 48 : 34));
    body.append(title, count, inside);
  }
  body.append(svg("g", { "clip-path": "url(#in)" }, rows.flatMap(({ e, v }) => order_before(v).map((one) => arrow(drawn.get(one), drawn.get(e))))));
  for (const [ms, label] of ticks(from, to, W - gutter - right)) {
    const x = X(ms);
    grid.append(svg("line", { x1: x, x2: x, y1: 28, y2: y, class: "tick" }));
    if (x < W - 40) grid.append(svg("text", { x: x + 4, y: 20, class: "tick-text" }, label));
  }
  grid.append(svg("line", { x1: 0, x2: W, y1: 34, y2: 34, class: "lane-line" }));
  if (S.at !== null) {
    const x = X(now_at());
    if (x >= gutter && x <= W) root.append(svg("line", { x1: x, x2: x, y1: 24, y2: y, class: "now" }), svg("path", { d: `M${x - 6} 24h12l-6 9z`, fill: "currentColor", class: "now" }));
  }
  root.setAttribute("viewBox", `0 0 ${W} ${y}`);
  root.setAttribute("height", y);
  root.setAttribute("aria-label", t("lanes_label", { events: t("events", { n: rows.length }), lanes: t("lanes", { n: keys.length }) }));
  box.replaceChildren(root);
};

// Bars for who held a place: certain ones plain, open ones with a dashed edge and all their names.
const bars = (into, [before, turns, last], X, left, end, y) => {
  const cuts = [[-Infinity, before], ...turns.map(([bound, , after]) => [X(D.bounds[bound]), after])];
  if (!turns.length && before < 0) cuts[0][1] = last;
  cuts.forEach(([x, holding], i) => {
    const a = Math.max(left, x), b = Math.min(end, i + 1 < cuts.length ? cuts[i + 1][0] : end);
    if (holding < 0 || b - a < 0.75) return;
    const [name, certain] = D.holdings[holding];
    let top = y;
    const bar = svg("g", {}, svg("title", {}, certain ? name : t("not_certain", { name })));
    for (const [who, share] of parts(D.holdings[holding])) {
      const h = 19 * share, n = holderNumber.of(who);
      bar.append(svg("rect", { x: a, y: top, width: b - a, height: h, fill: `url(#weave${n})`, class: `h${n}` }));
      top += h;
    }
    bar.append(svg("rect", { x: a + 0.5, y: y + 0.5, width: Math.max(0.5, b - a - 1), height: 18, class: `edge ${certain ? `h${holderNumber.of(D.holdings[holding][2][0][0])}` : "open"}` }));
    const text = cut(name, b - a - 12, 11.5, 600);
    if (text === name || text.length > 4) bar.append(svg("rect", { x: a + 3, y: y + 3, width: wide(text, 11.5, 600) + 7, height: 13, rx: 3, class: "chip" }), svg("text", { x: a + 6.5, y: y + 13.5, class: "held-name" }, text));
    into.append(bar);
  });
};

const place_of = (v, X, left, end) => {
  const lo = v.lo === undefined ? -Infinity : X(D.bounds[v.lo]), hi = v.hi === undefined ? Infinity : X(D.bounds[v.hi]);
  return { lo, hi, a: Math.max(left, Math.min(lo, end)), b: Math.min(end, Math.max(hi, left)) };
};
const marks = (into, events, X, left, end, y, labelled) => {
  const placed = [];
  for (const row of events) { const p = place_of(row.v, X, left, end); if (p.hi >= left && p.lo <= end) placed.push([row, p]); }
  if (placed.length > 400) return bins(into, placed, left, end, y);
  const tracks = [], high = labelled ? 32 : 16;
  const where = placed.map(([row, p]) => {
    const long = p.b - p.a > 18;
    const text = labelled ? Math.min(wide(row.v.told, 12.5) + 8, end - left) : 0;
    const from = long ? p.a : (p.a + p.b) / 2 - 8, beside = from + 18 + text > end ? from - 2 - text : from + 18;
    const at = Math.max(left, long ? Math.min(isFinite(p.lo) ? p.a : p.b - text, end - text) : beside);
    const span = [Math.min(from, labelled ? at : from), Math.max(long ? p.b : from + 16, at + text)];
    let n = tracks.findIndex((edge) => edge <= span[0] - 4);
    if (n < 0) n = tracks.push(0) - 1;
    tracks[n] = span[1];
    return [row, p, long, at, n];
  });
  if (!labelled && tracks.length > MOST_ROWS) return bins(into, placed, left, end, y);
  for (const [row, p, long, at, n] of where) one(into, row, p, long, at, y + n * high + (labelled ? 22 : 9), labelled, end, X);
  return y + tracks.length * high;
};
const one = (into, row, p, long, at, y, labelled, end, X) => {
  const v = row.v, k = kindNumber(v.kind), dashed = row.order === "loose" || row.perhaps ? " dashed" : "";
  const group = svg("g", { class: `mark k${k}${row.perhaps ? " perhaps" : ""}${row.e === S.chosen ? " chosen" : ""}`, "data-e": row.e },
    svg("title", {}, `${v.time}: ${headline(v)}`), svg("rect", { x: long ? p.a : (p.a + p.b) / 2 - 8, y: y - 8, width: long ? Math.max(16, p.b - p.a) : 16, height: 16, fill: "transparent" }));
  let x = (p.a + p.b) / 2;
  const cap = (at) => `M${at} ${y - 5}v10`, to_open = (at, to) => `M${at + to * 6} ${y - 4}L${at} ${y}l${to * 6} 4`;
  if (long) {
    const open = [!isFinite(p.lo), !isFinite(p.hi)];
    if (open[0] !== open[1]) x = open[0] ? p.b - 9 : p.a + 9;
    group.append(svg("path", { d: `M${p.a} ${y}H${p.b}`, class: `whisker${dashed}` }),
      svg("path", { d: (p.lo < p.a ? to_open(p.a, 1) : cap(p.a)) + (p.hi > p.b ? to_open(p.b, -1) : cap(p.b)), class: "whisker" }));
    if (v.lasted) {
      const a = v.start === undefined ? p.a : Math.max(p.a, X(D.bounds[v.start])), b = v.end === undefined ? p.b : Math.min(p.b, X(D.bounds[v.end]));
      if (b > a) group.append(svg("rect", { x: a, y: y - 3.5, width: b - a, height: 7, class: "span" }));
    }
  }
  group.append(mark(row, { transform: `translate(${x} ${y})` }));
  if (!drawn.has(row.e)) drawn.set(row.e, [x, y]);
  if (labelled) {
    group.append(svg("text", { x: long ? at : at + 2, y: long ? y - 10 : y + 4, class: "note halo" }, cut(v.told, end - at, 12.5)));
  }
  into.append(group);
};
// From what a source puts first to what it puts after, where both are drawn.
const drawn = new Map();
const arrow = (from, to) => {
  if (!from || !to) return null;
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]], length = Math.hypot(dx, dy);
  if (length < 24) return null;
  const degrees = (y, x) => (Math.atan2(y, x) * 180) / Math.PI, bow = Math.min(26, length / 4), tip = length - 8;
  return svg("g", { class: "order", transform: `translate(${from}) rotate(${degrees(dy, dx)})` }, svg("title", {}, t("read_arrow")),
    svg("path", { d: `M8 -4Q${length / 2} ${-2 * bow} ${tip - 4} -6` }), svg("path", { d: "M-7 -4l7 4 -7 4z", class: "arrow", transform: `translate(${tip} -3) rotate(${degrees(2 * bow, length / 2)})` }));
};
// Too many to tell apart: columns of how many may have happened in each stretch.
const bins = (into, placed, left, end, y) => {
  const size = 6, n = Math.ceil((end - left) / size), steps = new Array(n + 1).fill(0);
  for (const [, p] of placed) { steps[Math.max(0, Math.floor((p.a - left) / size))]++; steps[Math.min(n, Math.floor((p.b - left) / size) + 1)]--; }
  let count = 0; const counts = steps.slice(0, n).map((step) => (count += step)), most = Math.max(...counts, 1);
  counts.forEach((c, i) => { if (c) { const h = Math.max(2, 34 * Math.sqrt(c / most)); into.append(svg("rect", { x: left + i * size, y: y + 42 - h, width: size - 1.5, height: h, class: "bin", "data-x": left + i * size }, svg("title", {}, t("bin", { n: c })))); } });
  into.append(svg("text", { x: end, y: y + 8, "text-anchor": "end", class: "bin-text halo" }, t("at_once", { n: most })));
  return y + 46;
};

const zoom = (by, around) => {
  const [from, to] = view_of(), middle = around ?? (from + to) / 2;
  const least = 2 * HOUR, size = Math.max(least, (to - from) * by);
  const at = (middle - from) / (to - from);
  S.view = [middle - size * at, middle + size * (1 - at)];
  draw();
};
const pan = (by) => { const [from, to] = view_of(), d = (to - from) * by; S.view = [from + d, to + d]; draw(); };
$("zoom-in").addEventListener("click", () => zoom(0.5));
$("zoom-out").addEventListener("click", () => zoom(2));
$("zoom-fit").addEventListener("click", () => { S.view = view_of(true); draw(); });
$("more").addEventListener("click", () => { S.all = !S.all; draw(); });
$("lanes").addEventListener("keydown", (event) => {
  const does = { "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1.7), ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), 0: () => { S.view = view_of(true); draw(); } }[event.key];
  if (does && !event.ctrlKey && !event.metaKey) { event.preventDefault(); does(); }
});
const time_at = (clientX) => {
  const box = $("lanes").getBoundingClientRect(), W = box.width, gutter = W >= 720 ? 176 : 0, [from, to] = view_of();
  return from + ((clientX - box.left - gutter) / (W - gutter - 14)) * (to - from);
};
$("lanes").addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault(); zoom(event.deltaY > 0 ? 1.25 : 0.8, time_at(event.clientX));
}, { passive: false });
let drag = null;
$("lanes").addEventListener("pointerdown", (event) => { if (!event.button) drag = { x: event.clientX, view: view_of(), moved: false }; });
addEventListener("pointermove", (event) => {
  if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < 5)) return;
  drag.moved = true;
  const d = ((event.clientX - drag.x) / ($("lanes").clientWidth - 190)) * (drag.view[1] - drag.view[0]);
  S.view = drag.view.map((t) => t - d);
  requestAnimationFrame(draw);
});
addEventListener("pointerup", (event) => {
  const was = drag; drag = null;
  if (!was || was.moved) return;
  const hit = event.target.closest && event.target.closest("#lanes .mark, #lanes .bin");
  if (!hit) return;
  if (hit.dataset.x) return zoom(0.25, time_at(event.clientX));
  const i = rows.findIndex((row) => row.e === +hit.dataset.e);
  if (i >= 0) { toggle(i, true); reach(i, true); }
});

const legend = () => {
  const plainest = Math.max(0, [0, 3, 2].map((look) => D.glyphs.findIndex(([n]) => n === look)).find((n) => n >= 0) ?? 0);
  const small = (...kids) => svg("svg", { width: 74, height: 26, viewBox: "0 0 74 26", "aria-hidden": "true" }, kids);
  const fake = (parts) => ({ v: { kind: plainest, ...parts } }), at = (x) => ({ transform: `translate(${x} 13)` });
  const line = (d, dashed) => svg("path", { d, class: `whisker k${kindNumber(plainest)}${dashed ? " dashed" : ""}` });
  const says = (picture, text) => el("p", {}, picture, el("span", {}, text));
  if (!D.kinds.length) return;
  $("legend").append(
    says(small(mark(fake(), at(37))), t("read_moment")),
    says(small(line("M6 13H68M6 8v10M68 8v10"), mark(fake(), at(37))), t("read_between")),
    says(small(line("M6 13H66M12 9 6 13l6 4M66 8v10"), mark(fake(), at(57))), t("read_by")),
    says(small(line("M6 13H68", true), line("M6 8v10M68 8v10"), mark(fake(), at(37))), t("read_dashed")),
    ...(D.events.some(([, versions]) => versions.some(([, , v]) => v.after)) ? [says(small(arrow([10, 13], [64, 13])), t("read_arrow"))] : []),
    says(small(mark(fake({ disputes: 1 }), at(37))), t("read_hatched")),
    says(small(mark(fake({ expected: true }), at(37))), t("read_hollow")),
    ...holderNumber.order.slice(0, 12).map((who) => says(small(svg("rect", { x: 6, y: 5, width: 62, height: 16, fill: `url(#weave${holderNumber.of(who)})` }), svg("rect", { x: 6, y: 5, width: 62, height: 16, class: `edge h${holderNumber.of(who)}` })), holderNumber.order.length > 8 ? t("read_held_again", { name: D.actors[who] }) : t("read_held", { name: D.actors[who] }))),
    ...(D.holdings.some(([, certain]) => !certain) ? [says(small(svg("rect", { x: 6, y: 5, width: 62, height: 16, class: "edge open" })), t("read_open"))] : []));
};
start();
