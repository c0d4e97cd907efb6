// A map of what happened where and who held it: the script filters, moves and zooms what Python drew.
const [WIDTH, HEIGHT, RADIUS, KILOMETRES] = D.map, NEAR = 15, LETTERS = 12, MOST_ROWS = 500, MOST_LABELS = 300;
Object.assign(S, { words: "", place: -1, x: 0, y: 0, k: 1 });
const area = $("map");
let before = new Map(), now = { held: new Map(), events: new Map() };

const CHANGE = 1; // the look of what says who holds a place, which is told apart from what happened
const answers = () => {
  const held = new Map([...held_now()].map(([place, course]) => [place, heldBy(course, S.at)]));
  const events = new Map();
  for (const event of D.events) {
    const v = standing(event);
    if (!v || v.expected || v.unfolded || kindNumber(v.kind) === CHANGE || !mayHave(v)) continue;
    for (const place of v.places || []) { if (!events.has(place)) events.set(place, []); events.get(place).push(v); }
  }
  return { held, events };
};
const holder = (holding) => (holding === undefined || holding < 0 ? t("nobody_says") : D.holdings[holding][0]);
const said = (place) => (now.held.has(place) ? holder(now.held.get(place)) : "");
const several = (place) => (now.events.get(place) || []).length;
const counted = (place) => (several(place) ? t("events", { n: several(place) }) : "");
const size = (n) => Math.min(3 + 2.2 * Math.sqrt(n), 46) * Math.max(0.55, Math.min(1, area.clientWidth / 760)); // smaller on a small map
// How far a mark reaches from its middle, in pixels, as far as names keep clear of it.
const reach = (one) => { const circle = one.n ? size(one.n) : 0; return one.all.some(({ place }) => now.held.has(place)) ? RADIUS + Math.min(circle, 5) : Math.min(circle || 3, 14); };
const point = (r, share) => `${r * Math.sin(2 * Math.PI * share)} ${-r * Math.cos(2 * Math.PI * share)}`;
const disc = (holding, r) => {
  if (holding === undefined || holding < 0) return [svg("circle", { r: r / 2, class: "unheld" })];
  const made = [svg("circle", { r, class: "ground" })];
  let begun = 0;
  for (const [who, share] of parts(D.holdings[holding])) {
    const fill = `url(#weave${holderNumber.of(who)})`;
    if (share > 0.999) made.push(svg("circle", { r, fill }));
    else if (share > 0) made.push(svg("path", { class: "slice", fill, d: `M0 0L${point(r, begun)}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 1 ${point(r, begun + share)}Z` }));
    begun += share;
  }
  return [...made, svg("circle", { r, class: `disc${D.holdings[holding][1] ? "" : " open"}` })];
};

// Places that lie too close to be told apart are one mark, which opens when it is chosen.
const clusters = (unit) => {
  const found = [], cells = new Map(), near = NEAR * unit, words = S.words.trim().toLowerCase();
  for (const [place, x, y, weight] of D.sites) {
    if (!now.held.has(place) && !several(place)) continue;
    const X = x * S.k + S.x, Y = y * S.k + S.y;
    if (X < -50 || Y < -50 || X > WIDTH + 50 || Y > HEIGHT + 50) continue;
    const one = { place, x, y, X, Y, weight, n: several(place), fits: !words || `${D.places[place][1]}\n${said(place)}`.toLowerCase().includes(words) };
    const a = Math.floor(X / near), b = Math.floor(Y / near);
    let home = null;
    for (let i = a - 1; i <= a + 1 && !home; i++) for (let j = b - 1; j <= b + 1 && !home; j++)
      home = (cells.get(`${i} ${j}`) || []).find((other) => Math.hypot(other.X - X, other.Y - Y) < near) || null;
    if (home) { home.all.push(one); home.n += one.n; home.fits ||= one.fits; continue; }
    one.all = [one];
    found.push(one);
    const cell = `${a} ${b}`;
    if (!cells.has(cell)) cells.set(cell, []);
    cells.get(cell).push(one);
  }
  return found;
};
const mark = (one, unit) => {
  const alone = one.all.length === 1, holders = new Set(one.all.map(({ place }) => said(place)));
  const changed = one.all.some(({ place }) => before.size && before.get(place) !== said(place));
  const r = (D.sites.length > 150 ? 6 : RADIUS) * unit, shown = svg("g", { transform: `translate(${one.X} ${one.Y})` });
  if (one.n) shown.append(svg("circle", { r: size(one.n) * unit + (one.all.some(({ place }) => now.held.has(place)) ? r : 0), class: "happened" }));
  if (one.all.some(({ place }) => now.held.has(place))) shown.append(...(holders.size === 1 ? disc(now.held.get(one.place), r) : [svg("circle", { r: r * 1.15, class: "cluster" })]));
  if (!alone) shown.append(svg("text", { y: 4 * unit, "text-anchor": "middle", "font-size": 11 * unit, class: "number halo" }, String(one.all.length)));
  const name = alone ? [D.places[one.place][1], [said(one.place), counted(one.place)].filter(Boolean).join("; ")].filter(Boolean).join(": ")
    : t("cluster", { n: one.all.length, names: one.all.slice(0, 5).map(({ place }) => D.places[place][1]).join(", ") });
  return svg("g", { class: `spot${changed ? " changed" : ""}${one.fits ? "" : " dim"}${one.place === S.place ? " chosen" : ""}`, "data-place": one.place }, svg("title", {}, name), shown);
};
// Names in the order of weight, where nothing else lies: no mark, no other name, no edge.
const names = (found, unit) => {
  const taken = found.map((one) => { const r = reach(one) * unit; return [one.X - r, one.Y - r, one.X + r, one.Y + r]; });
  const free = ([a, b, c, d]) => a >= 0 && b >= 0 && c <= WIDTH && d <= HEIGHT && taken.every(([x, y, z, w]) => a >= z || c <= x || b >= w || d <= y);
  const made = [];
  for (const one of [...found].filter(({ fits }) => fits).sort((a, b) => b.weight - a.weight || b.n - a.n || a.place - b.place).slice(0, MOST_LABELS)) {
    const text = D.places[one.place][1], w = wide(text, LETTERS, 600) * unit + 2, h = LETTERS * 1.2 * unit;
    const r = (reach(one) + 3) * unit;
    const spot = [[r, -h / 2], [-r - w, -h / 2], [-w / 2, -r - h], [-w / 2, r], [r * 0.7, -r - h * 0.7], [r * 0.7, r - h * 0.3], [-r * 0.7 - w, -r - h * 0.7], [-r * 0.7 - w, r - h * 0.3]]
      .map(([dx, dy]) => [one.X + dx, one.Y + dy, one.X + dx + w, one.Y + dy + h]).find(free);
    if (!spot) continue;
    taken.push(spot);
    made.push(svg("text", { x: spot[0] + 1, y: spot[3] - h * 0.24, "font-size": LETTERS * unit, "stroke-width": 3 * unit, class: "name halo" }, text));
  }
  return made;
};
const ROUND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const scaleBar = (unit) => {
  const each = KILOMETRES / S.k, n = ROUND.filter((km) => km / each <= WIDTH / 4).pop() || 1, x = WIDTH - 14, y = HEIGHT - 12;
  return [svg("path", { d: `M${x - n / each} ${y - 4}v4H${x}v-4`, class: "bar-line" }), svg("text", { x, y: y - 8, "text-anchor": "end", "font-size": 11 * unit, class: "halo" }, t("kilometres", { n }))];
};
const paint = () => {
  if (!D.sites.length && !D.regions.length) return;
  const unit = WIDTH / Math.max(area.clientWidth, 200);
  $("base").setAttribute("transform", `translate(${S.x} ${S.y}) scale(${S.k})`);
  $("frame").toggleAttribute("hidden", S.k !== 1 || unit > 1.6);
  $("regions").replaceChildren(...D.regions.map(([d, place, filled]) => {
    const holding = place < 0 ? -1 : now.held.get(place) ?? -1, one = holding >= 0 && D.holdings[holding];
    const fill = filled && one && one[1] && one[2].length === 1 ? `url(#weave${holderNumber.of(one[2][0][0])})` : "none";
    return svg("path", { d, fill, class: `region${one && !one[1] ? " open" : ""}` });
  }));
  const found = clusters(unit);
  $("marks").replaceChildren(...found.map((one) => mark(one, unit)), ...names(found, unit));
  $("scale").replaceChildren(...scaleBar(unit));
  paint.found = found;
};
const here = () => {
  const events = now.events.get(S.place) || [], box = $("here");
  box.replaceChildren();
  if (S.place < 0) return;
  box.append(el("h3", { dir: "auto" }, D.places[S.place][1]), el("p", { class: "small", dir: "auto" }, [said(S.place), counted(S.place)].filter(Boolean).join("; ")),
    el("ol", {}, events.slice(0, MOST_ROWS).map((v) => el("li", { dir: "auto" }, el("bdi", { dir: "ltr", class: "time" }, v.time), " ", v.told, !surelyHas(v) && el("span", { class: "tag" }, t("perhaps_not_yet"))))));
};
const update = () => {
  now = answers();
  const words = S.words.trim().toLowerCase(), every = [...new Set([...now.held.keys(), ...now.events.keys()])];
  const fits = (place) => !words || `${D.places[place][1]}\n${said(place)}`.toLowerCase().includes(words);
  const changed = (place) => before.size && before.get(place) !== said(place);
  const order = every.filter(fits).sort((a, b) => D.places[a][1].localeCompare(D.places[b][1], LANG) || a - b);
  $("rows").replaceChildren(...order.slice(0, MOST_ROWS).map((place) => el("tr", { class: changed(place) && "changed" },
    el("th", { scope: "row" }, el("button", { type: "button", class: "pick", dir: "auto", "data-place": place }, D.places[place][1])),
    el("td", { class: now.held.get(place) >= 0 && !D.holdings[now.held.get(place)][1] && "unsure" }, el("bdi", {}, said(place))), el("td", { class: "figure" }, several(place) ? number(several(place)) : ""))));
  const open = [...now.held.values()].filter((holding) => holding >= 0 && !D.holdings[holding][1]).length, news = order.filter(changed).length;
  $("count").textContent = news ? t("some_changed", { places: t("places", { n: order.length }), n: news }) : t("places", { n: order.length });
  const mapped = new Set(D.sites.map(([place]) => place)), off = every.filter((place) => !mapped.has(place)).length;
  const total = new Set([...now.events.values()].flat()).size;
  $("said").textContent = !every.length ? t("nothing_stands") : !D.sites.length && !D.regions.length ? t("nothing_on_map")
    : t("map_said", { when: upper(momentTold(S.at)), places: t("places", { n: every.length }), events: t("events", { n: total }), open: open ? t("map_open", { n: open }) : "", here: off ? `${t("unplaced", { n: off })}.` : "" });
  tellTimes();
  paint();
  here();
  before = new Map(every.map((place) => [place, said(place)]));
  keep((kept) => {
    if (S.words.trim()) kept.set("words", S.words.trim());
    keepTimes(kept);
    if (S.place >= 0) kept.set("place", D.places[S.place][0]);
  });
};
let waiting = 0;
const soon = (what = update) => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(what); };
const zoom = (by, x, y) => {
  // Without a point to hold on to, it is the middle of what is seen and said most of.
  const seen = (paint.found || []).filter((one) => one.X >= 0 && one.Y >= 0 && one.X <= WIDTH && one.Y <= HEIGHT);
  const all = seen.reduce((sum, one) => sum + one.n + 1, 0), mean = (of) => seen.reduce((sum, one) => sum + of(one) * (one.n + 1), 0) / all;
  x ??= all ? mean((one) => one.X) : WIDTH / 2; y ??= all ? mean((one) => one.Y) : HEIGHT / 2;
  const k = Math.min(Math.max(S.k * by, 1), 64), part = k / S.k;
  Object.assign(S, { k, x: x - (x - S.x) * part, y: y - (y - S.y) * part });
  held_in();
};
const held_in = () => { S.x = Math.min(0, Math.max(WIDTH * (1 - S.k), S.x)); S.y = Math.min(0, Math.max(HEIGHT * (1 - S.k), S.y)); paint(); };
const pan = (dx, dy) => { S.x += dx; S.y += dy; held_in(); };
const at = (event) => { const box = area.getBoundingClientRect(); return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT]; };
const pick = (place) => { S.place = S.place === place ? -1 : place; update(); };
$("zoom-in").addEventListener("click", () => zoom(2));
$("zoom-out").addEventListener("click", () => zoom(0.5));
$("zoom-fit").addEventListener("click", () => zoom(1e-9));
$("ground").addEventListener("keydown", (event) => {
  const does = { "+": () => zoom(1.6), "=": () => zoom(1.6), "-": () => zoom(0.6), 0: () => zoom(1e-9), ArrowLeft: () => pan(80, 0), ArrowRight: () => pan(-80, 0), ArrowUp: () => pan(0, 80), ArrowDown: () => pan(0, -80) }[event.key];
  if (does && !event.ctrlKey && !event.metaKey) { event.preventDefault(); does(); }
});
area.addEventListener("wheel", (event) => { if (event.ctrlKey) { event.preventDefault(); zoom(event.deltaY > 0 ? 0.8 : 1.25, ...at(event)); } }, { passive: false });
let drag = null;
area.addEventListener("pointerdown", (event) => { if (!event.button) drag = { from: at(event), x: S.x, y: S.y, moved: false, on: event.target.closest(".spot") }; });
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const [x, y] = at(event), dx = x - drag.from[0], dy = y - drag.from[1];
  if (!drag.moved && Math.hypot(dx, dy) < 5) return;
  drag.moved = true;
  Object.assign(S, { x: drag.x + dx, y: drag.y + dy });
  soon(held_in);
});
addEventListener("pointerup", () => {
  const was = drag; drag = null;
  if (!was || was.moved || !was.on) return;
  const one = paint.found.find(({ place }) => place === +was.on.dataset.place);
  if (one.all.length === 1) return pick(one.place);
  const xs = one.all.map(({ x }) => x), ys = one.all.map(({ y }) => y), wide_as = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 0.01);
  zoom(Math.max(2, Math.min(16, (WIDTH * 0.3) / wide_as / S.k)), one.X, one.Y);
});
$("rows").addEventListener("click", (event) => { const button = event.target.closest(".pick"); if (button) pick(+button.dataset.place); });
const swatch = (...kids) => svg("svg", { width: 22, height: 22, viewBox: "-11 -11 22 22", "aria-hidden": "true" }, kids);
document.documentElement.classList.add("on");
$("legend").append(...holderNumber.order.map((who) => el("li", {}, swatch(svg("circle", { r: 9, fill: `url(#weave${holderNumber.of(who)})` }), svg("circle", { r: 9, class: "disc" })), el("span", { dir: "auto" }, D.actors[who]))),
  ...(D.holdings.some(([, certain]) => !certain) ? [el("li", {}, swatch(svg("circle", { r: 9, class: "disc open" })), t("open_short"))] : []),
  ...(D.events.some(([, known]) => known.some(([, , v]) => v.places && kindNumber(v.kind) !== CHANGE && !v.expected)) ? [el("li", {}, swatch(svg("circle", { r: 9, class: "happened" })), t("circles"))] : []));
$("lede").textContent = t("map_lede", { events: t("events", { n: D.events.filter(standing).length }), places: t("places", { n: D.places.length }) });
$("places-table").classList.toggle("unheld-all", !D.held.length && !D.held_published.length);
sliders(() => soon());
const restore = () => {
  const kept = new URLSearchParams(location.hash.slice(1));
  takeTimes(kept);
  S.words = $("text").value = kept.get("words") || "";
  S.place = D.places.findIndex(([key]) => key === kept.get("place"));
};
$("text").addEventListener("input", () => { S.words = $("text").value; soon(); });
addEventListener("hashchange", () => { restore(); update(); });
restore();
update();
embed();
let width = 0;
new ResizeObserver(([box]) => { const w = Math.round(box.contentRect.width); if (w !== width) { width = w; paint(); } }).observe(area);
