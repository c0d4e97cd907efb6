// ---- what is asked ----
const END = D.bounds.length;
const S = { at: null, known: Math.max(0, D.steps.length - 1), lanes: D.lanes, words: "", place: "", source: "", kinds: new Set(D.kinds.keys()), open: new Set(), chosen: -1, view: null, all: false };
let rows = [];

const blob = (v) => {
  if (v.blob === undefined) {
    const said = v.claims.map((i) => { const c = D.claims[i], r = D.reports[c.report]; return [c.quote, D.sources[r.source], r.title, ...(c.according || [])]; });
    v.blob = [v.told, v.time, v.words, D.kinds[v.kind], ...(v.fields || []).map(([, value]) => value), ...said.flat()].filter(Boolean).join("\n").toLowerCase();
  }
  return v.blob;
};
const read_at = (v) => v.lo ?? v.hi ?? -1; // where only its end is known, it is read there
const by = (a, b) => read_at(a.v) - read_at(b.v) || (a.v.lo !== undefined) - (b.v.lo !== undefined) || (a.v.hi ?? END) - (b.v.hi ?? END) || a.e - b.e;
const stands = () => {
  const found = [];
  D.events.forEach(([, versions], e) => {
    const life = versions.find(([first, until]) => first <= S.known && (until < 0 || S.known < until));
    if (life) found.push({ e, v: life[2], perhaps: false });
  });
  return found.sort(by);
};
const ask = () => {
  const words = S.words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const all = stands();
  const seen = all.filter((row) => {
    const v = row.v;
    if (S.at !== null) {
      const bound = bound_of(S.at);
      if (v.lo !== undefined && (between(S.at) ? v.lo > bound : v.lo >= bound)) return false;
      row.perhaps = v.hi === undefined || v.hi > bound;
    }
    return S.kinds.has(v.kind) && (S.place === "" || (v.places || []).includes(+S.place))
      && (S.source === "" || (v.sources || []).includes(+S.source) || (v.denied || []).includes(+S.source))
      && words.every((word) => blob(v).includes(word));
  });
  let latest = -1; // the end of whatever stands above
  seen.forEach((row, i) => {
    const lo = row.v.lo, hi = row.v.hi ?? END, above = i ? seen[i - 1].v.hi ?? END : -1;
    row.order = !i ? "first" : lo === undefined || above > lo ? "loose" : latest > lo ? "partly" : "sure";
    latest = Math.max(latest, hi);
  });
  return { all, seen };
};

// ---- in order ----
const CHUNK = 40;
let tall = 84;
const ORDER = { loose: "Order to the line above unknown", partly: "After the line above, but maybe not after others further up" };
const row_of = (i) => {
  const row = rows[i], v = row.v, open = S.open.has(row.e), id = `e${row.e}`;
  const said = v.claims.map((n) => D.claims[n]).filter((c) => c.stance !== 1);
  const according = [...new Set(said.flatMap((c) => c.according || []))];
  const sources = (v.sources || []).map((n) => D.sources[n]).join(", ");
  const tags = [
    v.expected && el("span", { class: "tag expected" }, "Expected"),
    (v.denied || v.disputes) && el("span", { class: "tag disputed" }, v.denied ? `Denied by ${v.denied.map((n) => D.sources[n]).join(", ")}` : `Disputed: ${v.disputes.map(([name]) => name).join(", ")}`),
    row.perhaps && el("span", { class: "tag perhaps" }, "Perhaps not yet"),
  ];
  const kind = el("span", { class: "unseen" }, ` (${D.kinds[v.kind]}${ORDER[row.order] ? `; ${ORDER[row.order]}` : ""})`);
  const rail = svg("svg", { "aria-hidden": "true" });
  if (ORDER[row.order]) rail.append(svg("title", {}, ORDER[row.order]));
  if (row.order !== "first") rail.append(svg("line", { x1: 14, x2: 14, y1: 0, y2: 9, class: row.order }));
  if (i + 1 < rows.length) rail.append(svg("line", { x1: 14, x2: 14, y1: 33, y2: "100%", class: rows[i + 1].order }));
  rail.append(mark(row, { transform: "translate(14 21)" }));
  const what = el("div", { class: "what" },
    el("h3", {}, el("button", { type: "button", class: "told", id, "aria-expanded": String(open), dir: "auto", "data-row": i }, v.told, kind)),
    el("p", { class: "by" }, sources, according.length ? ` (according to ${according.join(", ")})` : ""),
    el("p", { class: "tags" }, tags));
  if (open) what.append(inside(v));
  return el("div", { class: `row${row.e === S.chosen ? " chosen" : ""}`, role: "listitem", "aria-setsize": rows.length, "aria-posinset": i + 1 },
    el("p", { class: "when" }, when(v.time), v.words && /[^\d\W]{3}/.test(v.words) && el("span", { class: "words" }, `“${v.words}”`)),
    el("div", { class: "rail" }, rail), what);
};
// A date breaks between its words, never at its hyphens.
const when = (text) => text.split(" ").map((word, i) => [i ? " " : "", el("span", { class: "date" }, word)]);
const facts = (pairs) => pairs && el("dl", { class: "facts" }, pairs.map(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]));
const inside = (v) => {
  const counted = v.counted && new Set(v.counted);
  return el("div", { class: "inside" }, facts([["kind", D.kinds[v.kind]], ...(v.fields || [])]),
    v.disputes && el("div", {}, el("h4", {}, "Where the sources can’t all be right"),
      facts(v.disputes.map(([name, told]) => [name, told.map(([who, value]) => `${who}: ${value}`).join("; ")]))),
    el("div", {}, el("h4", {}, `Who says so: ${plural(v.claims.length, "claim")}`),
      el("ul", { class: "claims" }, v.claims.map((n, i) => claim(D.claims[n], counted && !counted.has(i))))));
};
const STANCES = ["says", "denies", "expects"];
const link = (url, words = url) => /^https?:\/\//i.test(url) ? el("a", { href: url, rel: "noopener noreferrer", dir: "auto" }, words) : words;
const claim = (c, old) => {
  const r = D.reports[c.report];
  return el("li", { class: `claim${old ? " old" : ""}` },
    el("p", { class: "who" }, el("b", { dir: "auto" }, D.sources[r.source]), el("span", {}, STANCES[c.stance] + (c.fields || c.time ? " otherwise" : " so")), el("span", {}, r.published ? `published ${r.published}` : "date of publication unknown")),
    (r.title || r.url) && el("p", { dir: "auto" }, r.url ? link(r.url, r.title || r.url) : r.title),
    (r.archived || r.retrieved || r.sha256 || r.language) && el("p", { class: "small" }, [r.language && `language ${r.language}`, r.retrieved && `retrieved ${r.retrieved}`, r.sha256 && `SHA-256 ${r.sha256}`].filter(Boolean).join("; "), r.archived && [r.language || r.retrieved || r.sha256 ? "; " : "", "archived at ", link(r.archived)]),
    c.told && el("p", { dir: "auto" }, `Its version: ${c.told}${c.time ? ` (${c.time})` : ""}`), c.told && facts(c.fields),
    c.quote && el("blockquote", { dir: "auto" }, c.quote),
    c.grade && el("p", { class: "small" }, `graded ${c.grade} (AJP-2.1: source A to F, claim 1 to 6)`),
    c.media && el("ul", { class: "small" }, c.media.map((m) => el("li", {}, [m.url && link(m.url), m.archived && ["archived at ", link(m.archived)], m.sha256 && `SHA-256 ${m.sha256}`].filter(Boolean).flatMap((part, i) => i ? ["; ", part] : [part])))),
    c.according && el("p", { class: "small" }, `according to ${c.according.join(", ")}`),
    c.entry && el("p", { class: "small" }, `entry ${c.entry[0]}, recorded ${c.entry[1]} UTC`),
    old && el("p", { class: "small" }, "Superseded by a later claim of the same source"),
    c.because && el("p", { class: "small" }, `Taken out of the log: ${c.because}`),
    r.text && report(r.text, c.mark));
};
const report = (text, at) => {
  const body = el("div", { class: "text", dir: "auto", tabindex: 0, role: "group", "aria-label": "The report’s text" });
  if (at) body.append(text.slice(0, at[0]), el("mark", {}, text.slice(at[0], at[1])), text.slice(at[1]));
  else body.append(text);
  return el("details", { class: "report", on: { toggle: () => { const found = body.querySelector("mark"); if (found) body.scrollTop = found.offsetTop - body.offsetTop - 60; } } },
    el("summary", {}, at ? "The report’s text, with these words marked" : "The report’s text"), body);
};

// Rows are made where somebody looks: far from sight a chunk keeps its height alone.
const near = new IntersectionObserver((seen) => {
  for (const one of seen) { if (one.isIntersecting) fill(one.target); else if (!printing) empty(one.target); }
}, { rootMargin: "1200px 0px" });
let printing = false;
const fill = (chunk) => {
  if (chunk.firstChild) return;
  const from = +chunk.dataset.from, made = [];
  for (let i = from; i < Math.min(from + CHUNK, rows.length); i++) made.push(row_of(i));
  chunk.style.height = "";
  chunk.append(...made);
};
const empty = (chunk) => {
  if (chunk.dataset.from === "0" || !chunk.firstChild || chunk.contains(document.activeElement)) return;
  chunk.style.height = `${chunk.offsetHeight}px`;
  chunk.replaceChildren();
};
const list = () => {
  const box = $("list"), chunks = [];
  near.disconnect();
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = el("div", { class: "chunk", "data-from": from });
    chunk.style.height = `${tall * Math.min(CHUNK, rows.length - from)}px`;
    chunks.push(chunk);
  }
  box.replaceChildren(...(chunks.length ? chunks : [el("p", { class: "nothing", role: "listitem" }, "Nothing that stands fits. Widen the filter or the times.")]));
  if (chunks.length) {
    fill(chunks[0]);
    tall = Math.max(40, chunks[0].offsetHeight / Math.min(CHUNK, rows.length));
    chunks.forEach((chunk) => near.observe(chunk));
  }
};
const chunk_at = (i) => $("list").children[Math.floor(i / CHUNK)];
const reach = (i, focus) => {
  if (i < 0 || i >= rows.length) return;
  fill(chunk_at(i));
  const button = $(`e${rows[i].e}`);
  if (focus) button.focus({ preventScroll: true });
  const place = button.closest(".row").getBoundingClientRect();
  if (place.top < 60 || place.bottom > innerHeight - 20) scrollBy({ top: place.top - Math.min(innerHeight / 3, 240) });
};
const remake = (i) => chunk_at(i).replaceChild(row_of(i), chunk_at(i).children[i % CHUNK]);
const toggle = (i, on) => {
  const e = rows[i].e;
  if (on ?? !S.open.has(e)) S.open.add(e); else S.open.delete(e);
  const before = rows.findIndex((row) => row.e === S.chosen);
  S.chosen = e;
  if (before >= 0 && before !== i && chunk_at(before).firstChild) remake(before);
  fill(chunk_at(i)); remake(i);
  draw();
};
$("list").addEventListener("click", (event) => {
  const button = event.target.closest(".told");
  if (button) { toggle(+button.dataset.row); $(button.id).focus({ preventScroll: true }); }
});
$("list").addEventListener("keydown", (event) => {
  const button = event.target.closest(".told"), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const to = event.key === "Home" ? 0 : event.key === "End" ? rows.length - 1 : button && step ? +button.dataset.row + step : null;
  if (button && to !== null) { event.preventDefault(); reach(to, true); }
});

// ---- everything together ----
const update = () => {
  const { all, seen } = ask();
  rows = seen;
  const perhaps = rows.filter((row) => row.perhaps).length;
  $("count").textContent = (rows.length === all.length ? plural(rows.length, "event") : `${rows.length.toLocaleString("en")} of ${plural(all.length, "event")}`)
    + (perhaps ? `, ${perhaps.toLocaleString("en")} of them perhaps not yet` : "");
  $("at-told").textContent = momentTold(S.at);
  $("at").setAttribute("aria-valuetext", momentTold(S.at));
  if (D.steps.length) {
    const [recorded, position] = D.steps[S.known];
    const words = S.known === D.steps.length - 1 ? `now: all ${plural(position, "entry").replace("entrys", "entries")}` : `${recorded} UTC, by entry ${position}`;
    $("known-told").textContent = words;
    $("known").setAttribute("aria-valuetext", words);
  }
  list();
  draw();
};
let waiting = 0;
const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(update); };

const start = () => {
  $("frame").hidden = false;
  const now = stands(), sources = new Set(now.flatMap(({ v }) => v.sources || []));
  const times = now.flatMap(({ v }) => [v.lo, v.hi]).filter((b) => b !== undefined);
  const from = times.reduce((a, b) => Math.min(a, b), END), to = times.reduce((a, b) => Math.max(a, b), 0);
  const day = (b) => new Date(D.bounds[b]).toISOString().replace(/^[+]/, "").slice(0, -14), last = (b) => D.moments[b].slice(3);
  $("lede").textContent = now.length ? `${plural(now.length, "event")} from ${plural(sources.size, "source")}${times.length ? `, with times from ${day(from)} to ${last(to)}` : ""}.` : "Nothing stands.";
  const option = (value, text) => el("option", { value }, text);
  const counts = (pick) => { const n = new Map(); for (const { v } of now) for (const one of pick(v)) n.set(one, (n.get(one) || 0) + 1); return n; };
  const named = (map, name) => [...map].sort((a, b) => b[1] - a[1] || (name(a[0]) < name(b[0]) ? -1 : 1)).map(([one, n]) => option(one, `${name(one)} (${n})`));
  $("place").append(option("", "All places"), ...named(counts((v) => v.places || []), (i) => D.places[i][1]));
  $("source").append(option("", "All sources"), ...named(counts((v) => [...(v.sources || []), ...(v.denied || [])]), (i) => D.sources[i]));
  $("kinds").append(...D.kinds.map((name, i) => el("label", {}, el("input", { type: "checkbox", value: i, checked: true }),
    svg("svg", { width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" }, glyph(i)), name[0].toUpperCase() + name.slice(1))));
  $("by").append(...["places", "actors", "kinds"].map((name) => el("label", {}, el("input", { type: "radio", name: "lanes", value: name, checked: S.lanes === name }), `By ${name}`)));
  $("at").max = 2 * END; $("at").value = 2 * END;
  $("known").max = S.known; $("known").value = S.known;
  $("known-slide").hidden = D.steps.length < 2;
  $("times").hidden = !END && D.steps.length < 2;
  $("at").addEventListener("input", () => { S.at = +$("at").value >= 2 * END ? null : +$("at").value; soon(); });
  $("known").addEventListener("input", () => { S.known = +$("known").value; soon(); });
  $("form").addEventListener("input", () => {
    S.words = $("text").value; S.place = $("place").value; S.source = $("source").value;
    S.kinds = new Set([...$("kinds").querySelectorAll("input:checked")].map((box) => +box.value));
    soon();
  });
  $("form").addEventListener("submit", (event) => event.preventDefault());
  $("form").addEventListener("reset", () => {
    Object.assign(S, { words: "", place: "", source: "", kinds: new Set(D.kinds.keys()), at: null, known: Math.max(0, D.steps.length - 1), view: null });
    $("at").value = 2 * END; $("known").value = S.known;
    soon();
  });
  $("by").addEventListener("input", (event) => { S.lanes = event.target.value; S.all = false; draw(); });
  const roomy = matchMedia("(min-width: 68rem)"), unfold = () => { $("fold").open = roomy.matches; };
  roomy.addEventListener("change", unfold); unfold();
  legend();
  update();
  let width = 0;
  new ResizeObserver(([box]) => { const w = Math.round(box.contentRect.width); if (w !== width) { width = w; draw(); } }).observe($("lanes"));
  addEventListener("beforeprint", () => { printing = true; [...$("list").children].forEach((chunk) => chunk.dataset.from && fill(chunk)); });
  addEventListener("afterprint", () => { printing = false; });
};
