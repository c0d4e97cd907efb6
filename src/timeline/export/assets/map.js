// A map of who held which place: the discs are drawn for the moment that the slider names.
const END = D.bounds.length, narrow = matchMedia("(max-width: 40rem)");
let RADIUS = D.map[2];
const S = { at: null, known: Math.max(0, D.steps.length - 1), words: "" };
let before = new Map();

const answers = () => {
  const found = new Map();
  for (const [place, first, until, ...course] of D.held)
    if (first <= S.known && (until < 0 || S.known < until)) found.set(place, heldBy(course, S.at));
  return found;
};
const point = (x, y, share) => `${x + RADIUS * Math.sin(2 * Math.PI * share)} ${y - RADIUS * Math.cos(2 * Math.PI * share)}`;
const disc = (x, y, holding) => {
  if (holding === undefined || holding < 0) return [svg("circle", { cx: x, cy: y, r: RADIUS / 2, class: "unheld" })];
  const made = [svg("circle", { cx: x, cy: y, r: RADIUS, class: "ground" })];
  let begun = 0;
  for (const [who, share] of parts(D.holdings[holding])) {
    const fill = `url(#weave${holderNumber.of(who)})`;
    if (share > 0.999) made.push(svg("circle", { cx: x, cy: y, r: RADIUS, fill }));
    else if (share > 0) made.push(svg("path", { class: "slice", fill, d: `M${x} ${y}L${point(x, y, begun)}A${RADIUS} ${RADIUS} 0 ${share > 0.5 ? 1 : 0} 1 ${point(x, y, begun + share)}Z` }));
    begun += share;
  }
  made.push(svg("circle", { cx: x, cy: y, r: RADIUS, class: `disc${D.holdings[holding][1] ? "" : " open"}` }));
  return made;
};
const told = (holding) => (holding === undefined || holding < 0 ? t("nobody_says") : D.holdings[holding][0]);

const update = () => {
  RADIUS = D.map[2] * (narrow.matches ? 1.7 : 1);
  const held = answers(), words = S.words.trim().toLowerCase();
  const fits = (place) => !words || `${D.places[place][1]}\n${told(held.get(place))}`.toLowerCase().includes(words);
  const changed = (place) => before.size && before.get(place) !== told(held.get(place));
  $("regions").replaceChildren(...D.regions.map(([d, place, filled]) => {
    const holding = place < 0 ? -1 : held.get(place) ?? -1, one = holding >= 0 && D.holdings[holding];
    const fill = filled && one && one[1] && one[2].length === 1 ? `url(#weave${holderNumber.of(one[2][0][0])})` : "none";
    return svg("path", { d, fill, class: `region${one && !one[1] ? " open" : ""}` });
  }));
  $("marks").replaceChildren(...D.sites.map(([place, x, y, fine, large]) => {
    const label = narrow.matches ? large : fine, holding = held.get(place), name = D.places[place][1];
    const spot = svg("g", { class: `spot${changed(place) ? " changed" : ""}${fits(place) ? "" : " dim"}` }, svg("title", {}, `${name}: ${told(holding)}`), disc(x, y, holding));
    if (label) {
      const [lx, ly, anchor, lines] = label;
      spot.append(svg("text", { x: lx, y: ly, "text-anchor": anchor, class: "name" }, name));
      if (lines > 1) spot.append(svg("text", { x: lx, y: ly + 14, "text-anchor": anchor, class: "holder" }, told(holding)));
    }
    return spot;
  }));
  const order = [...held.keys()].filter(fits).sort((a, b) => D.places[a][1].localeCompare(D.places[b][1], LANG) || a - b);
  $("rows").replaceChildren(...order.map((place) => el("tr", { class: changed(place) && "changed" }, el("th", { scope: "row", dir: "auto" }, D.places[place][1]),
    el("td", { dir: "auto", class: held.get(place) >= 0 && !D.holdings[held.get(place)][1] && "unsure" }, told(held.get(place))))));
  const open = [...held.values()].filter((holding) => holding >= 0 && !D.holdings[holding][1]).length, news = order.filter(changed).length;
  $("count").textContent = news ? t("some_changed", { places: t("places", { n: order.length }), n: news }) : t("places", { n: order.length });
  const when = upper(S.at === null ? t("everything_said") : momentTold(S.at));
  $("said").textContent = t("map_said", { when, places: t("places", { n: held.size }), open: open ? t("map_open", { n: open }) : "", here: D.sites.length < held.size ? t("map_here", { n: D.sites.length }) : "" });
  $("at-told").textContent = S.at === null ? t("everything_said") : momentTold(S.at);
  $("at").setAttribute("aria-valuetext", $("at-told").textContent);
  if (D.steps.length) {
    const [recorded, position] = D.steps[S.known];
    $("known-told").textContent = S.known === D.steps.length - 1 ? t("now") : t("by_entry", { recorded, position });
    $("known").setAttribute("aria-valuetext", $("known-told").textContent);
  }
  before = new Map([...held].map(([place, holding]) => [place, told(holding)]));
};
let waiting = 0;
const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(update); };
$("defs").append(...weaves("weave"));
$("legend").append(...holderNumber.order.map((who) => el("li", {}, svg("svg", { width: 22, height: 22, viewBox: "-11 -11 22 22", "aria-hidden": "true" },
  svg("circle", { r: 9, fill: `url(#weave${holderNumber.of(who)})` }), svg("circle", { r: 9, class: "disc" })), D.actors[who])),
...(D.holdings.some(([, certain]) => !certain) ? [el("li", {}, svg("svg", { width: 22, height: 22, viewBox: "-11 -11 22 22", "aria-hidden": "true" }, svg("circle", { r: 9, class: "disc open" })), t("open_short"))] : []));
$("lede").textContent = t("map_lede", { places: t("places", { n: new Set(D.held.map(([place]) => place)).size }), holders: t("holders", { n: holderNumber.order.length }) });
$("at").max = 2 * END; $("at").value = 2 * END; $("known").max = S.known; $("known").value = S.known;
$("known-slide").hidden = D.steps.length < 2; $("times").hidden = !END && D.steps.length < 2;
$("at").addEventListener("input", () => { S.at = +$("at").value >= 2 * END ? null : +$("at").value; soon(); });
$("known").addEventListener("input", () => { S.known = +$("known").value; soon(); });
$("text").addEventListener("input", () => { S.words = $("text").value; soon(); });
document.body.classList.toggle("few", D.map[0] < 1000);
narrow.addEventListener("change", update);
update();
