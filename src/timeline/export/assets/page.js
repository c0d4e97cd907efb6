// ---- what is asked ----
Object.assign(S, { lanes: D.lanes, words: "", place: "", source: "", kinds: new Set(D.kinds.keys()), open: new Set(), chosen: -1, view: null, all: false });
let rows = [];

const blob = (v) => {
  if (v.blob === undefined) {
    const said = v.claims.map((i) => { const c = D.claims[i], r = D.reports[c.report]; return [c.quote, D.sources[r.source], r.title, ...(c.according || [])]; });
    v.blob = [v.told, v.time, v.words, D.kinds[v.kind], ...(v.fields || []).flatMap(([, value]) => (typeof value === "string" ? value : value.rows.flat())), ...said.flat()].filter(Boolean).join("\n").toLowerCase();
  }
  return v.blob;
};
const read_at = (v) => v.read ?? v.lo ?? v.hi ?? -1; // where only its end is known, it is read there
const by = (a, b) => read_at(a.v) - read_at(b.v) || (a.v.lo !== undefined) - (b.v.lo !== undefined) || (a.v.depth ?? 0) - (b.v.depth ?? 0) || (a.v.hi ?? END) - (b.v.hi ?? END) || a.e - b.e;
// What stands at a step is the same however it is filtered, and is made once.
let known_rows = [], known_at = "";
const stands = () => {
  const found = [], step = `${S.known} ${S.published}`;
  if (known_at === step) return known_rows;
  D.events.forEach((event, e) => { const v = standing(event); if (v) found.push({ e, v, perhaps: false }); });
  known_at = step;
  return (known_rows = found.sort(by));
};
const ask = () => {
  const words = S.words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const all = stands();
  const seen = all.filter((row) => {
    const v = row.v;
    if (!mayHave(v)) return false;
    row.perhaps = !surelyHas(v);
    return S.kinds.has(v.kind) && (S.place === "" || (v.places || []).includes(+S.place))
      && (S.source === "" || (v.sources || []).includes(+S.source) || (v.denied || []).includes(+S.source))
      && words.every((word) => blob(v).includes(word));
  });
  let latest = -1, earlier = -1; // the end of whatever stands above, and of that without the line right above
  seen.forEach((row, i) => {
    const lo = row.v.lo, hi = row.v.hi ?? END, above = i ? seen[i - 1].v.hi ?? END : -1;
    const linked = i && row.v.after && row.v.after.includes(seen[i - 1].e);
    row.order = !i ? "first" : linked ? (earlier > (lo ?? -1) ? "linked_partly" : "linked") : lo === undefined || above > lo ? "loose" : latest > lo ? "partly" : "sure";
    earlier = latest;
    latest = Math.max(latest, hi);
  });
  return { all, seen };
};

// ---- in order ----
const CHUNK = 40, LONG = 25;
let tall = 84;
const ORDER = { loose: t("order_loose"), partly: t("order_partly"), linked: t("order_linked"), linked_partly: t("order_linked_partly") };
const headline = (v) => (v.expected ? t("expected", { what: v.told }) : v.told);
const names = (numbers) => numbers.map((n) => D.sources[n]).join(", ");
const row_of = (i) => {
  const row = rows[i], v = row.v, open = S.open.has(row.e), id = `e${row.e}`;
  const said = v.claims.map((n) => D.claims[n]).filter((c) => c.stance !== 1);
  const according = [...new Set(said.flatMap((c) => c.according || []))];
  const sources = names(v.sources || []);
  const tags = [
    v.expected && el("span", { class: "tag expected" }, t("is_expected")),
    (v.denied || v.disputes) && el("span", { class: "tag disputed" }, v.denied ? t("denied_by", { names: names(v.denied) }) : t("disputed_fields", { names: v.disputes.map(([name]) => D.labels[name]).join(", ") })),
    row.perhaps && el("span", { class: "tag perhaps" }, t("perhaps_not_yet")),
    v.same && el("span", { class: "tag disputed" }, t("maybe_same", { names: titles(v.same) })),
    v.split && el("span", { class: "tag" }, v.unfolded ? t("as_parts", { names: titles(v.split) }) : t("in_parts", { names: titles(v.split) })),
    v.unfolded && !v.split && el("span", { class: "tag" }, t("as_whole")),
    order_before(v).some((e) => !i || e !== rows[i - 1].e) && el("span", { class: "tag", dir: "auto" }, t("order_after", { names: names_of(order_before(v)) })),
    v.undecided && el("span", { class: "tag disputed" }, t("undecided", { names: v.undecided.join(", ") })),
  ];
  const kind = el("span", { class: "unseen" }, ORDER[row.order] ? t("kind_and_order", { kind: D.kinds[v.kind], order: ORDER[row.order] }) : t("kind_alone", { kind: D.kinds[v.kind] }));
  const rail = svg("svg", { "aria-hidden": "true" });
  if (ORDER[row.order]) rail.append(svg("title", {}, ORDER[row.order]));
  if (row.order !== "first") rail.append(svg("line", { x1: 14, x2: 14, y1: 0, y2: 9, class: row.order }));
  if (row.order.startsWith("linked")) rail.append(svg("path", { d: "M10 4l4 6 4-6z", class: "arrow" }));
  if (i + 1 < rows.length) rail.append(svg("line", { x1: 14, x2: 14, y1: 33, y2: "100%", class: rows[i + 1].order }));
  rail.append(mark(row, { transform: "translate(14 21)" }));
  const what = el("div", { class: "what" },
    el("h3", {}, el("button", { type: "button", class: "told", id, "aria-expanded": String(open), dir: "auto", "data-row": i }, v.told, kind)),
    el("p", { class: "by" }, el("bdi", {}, according.length ? t("by_with_origin", { sources, names: according.join(", ") }) : sources)),
    el("p", { class: "tags" }, tags));
  if (open) what.append(inside(v));
  return el("div", { class: `row${row.e === S.chosen ? " chosen" : ""}`, role: "listitem", "aria-setsize": rows.length, "aria-posinset": i + 1 },
    row.month && el("h3", { class: "month" }, t("from_month", { month: row.month })),
    el("p", { class: "when" }, when(v.time), v.words && el("span", { class: "words", dir: "auto" }, `“${v.words}”`)),
    el("div", { class: "rail" }, rail), what);
};
// The events that stand and that sources put right before it: none of them before another of them.
const order_before = (v) => {
  const before = (v.after || []).filter((e) => standing(D.events[e]));
  return before.filter((e) => !before.some((other) => (standing(D.events[other]).after || []).includes(e)));
};
const names_of = (events) => titles(events.map((e) => D.events[e][0]));
// Other events by their headlines, those that don't stand by their ids.
const titles = (ids) => ids.map((id) => { const row = rows.find(({ e }) => D.events[e][0] === id); return row ? row.v.told : id; }).join("; ");
// In a long list, where a new month begins by the time that each event is read at.
const months = () => {
  let last = null, before;
  for (const row of rows) {
    const at = read_at(row.v);
    row.month = null;
    if (at === before || rows.length <= LONG) continue;
    before = at;
    const date = at < 0 ? null : new Date(D.bounds[at] - (row.v.lo === undefined && row.v.read === undefined ? 1 : 0));
    const year = date && date.getUTCFullYear();
    const month = date && t("month", { month: D.full_months[date.getUTCMonth()], year: year < 1 ? t("bce", { year: `${1 - year}` }) : `${year}` });
    row.month = month !== last ? month : null;
    last = month;
  }
};
// A date breaks between its words, never at its hyphens.
const when = (text) => el("bdi", { dir: "ltr" }, text.split(" ").map((word, i) => [i ? " " : "", el("span", { class: "date" }, word)]));
const label = (name) => (typeof name === "number" ? D.labels[name] : name);
// A value is a text, or a table of texts where it has several parts.
const shown = (value) => (typeof value === "string" ? value : el("table", { class: "parts" },
  el("thead", {}, el("tr", {}, value.head.map((name) => el("th", { scope: "col" }, name)))),
  el("tbody", {}, value.rows.map((row) => el("tr", {}, row.map((cell) => el("td", { dir: "auto" }, cell)))))));
const facts = (pairs) => pairs && el("dl", { class: "facts" }, pairs.map(([name, value]) => [el("dt", {}, label(name)), el("dd", {}, el("bdi", {}, shown(value)))]));
const inside = (v) => {
  const counted = v.counted && new Set(v.counted);
  const id = D.events[rows.find((row) => row.v === v).e][0];
  return el("div", { class: "inside" }, v.ids && el("p", { class: "small" }, t("joined", { names: v.ids.join(", ") })), v.said && el("p", { class: "small" }, t("said_time", { time: v.said })), facts([[t("kind"), D.kinds[v.kind]], ...(v.fields || [])]),
    v.disputes && el("div", {}, el("h4", {}, t("cannot_all_be_right")),
      facts(v.disputes.map(([name, told]) => [name, told.map(([who, value]) => `${who}: ${value}`).join("; ")]))),
    el("div", {}, el("h4", {}, t("who_says_so", { claims: t("claims", { n: v.claims.length }) })),
      el("ul", { class: "claims" }, v.claims.map((n, i) => claim(D.claims[n], counted && !counted.has(i))))),
    el("p", { class: "small" }, el("a", { href: `#${new URLSearchParams({ event: id })}` }, t("link_here"))));
};
const STANCES = [[t("says_so"), t("says_otherwise")], [t("denies_so"), t("denies_so")], [t("expects_so"), t("expects_otherwise")]];
const link = (url, words = url) => /^https?:\/\//i.test(url) ? el("a", { href: url, rel: "noopener noreferrer", dir: "auto" }, words) : words;
const claim = (c, old) => {
  const r = D.reports[c.report];
  return el("li", { class: `claim${old ? " old" : ""}` },
    el("p", { class: "who" }, el("b", { dir: "auto" }, D.sources[r.source]), el("span", {}, STANCES[c.stance][+!!(c.fields || c.time)]), el("span", {}, r.published ? t("published", { time: r.published }) : t("unpublished"))),
    (r.title || r.url) && el("p", { dir: "auto" }, r.url ? link(r.url, r.title || r.url) : r.title),
    (r.archived || r.retrieved || r.sha256 || r.language) && el("p", { class: "small" }, [r.language && t("language", { name: r.language }), r.retrieved && t("retrieved", { time: r.retrieved }), r.sha256 && t("sha256", { hash: r.sha256 })].filter(Boolean).join("; "), r.archived && [r.language || r.retrieved || r.sha256 ? "; " : "", t("archived_at"), link(r.archived)]),
    c.told && el("p", { dir: "auto" }, c.time ? t("version_then", { what: c.told, time: c.time }) : t("version", { what: c.told })), c.told && facts(c.fields),
    c.quote && el("blockquote", { dir: "auto" }, c.quote),
    c.grade && el("p", { class: "small" }, t("graded", { grade: c.grade })),
    c.media && el("ul", { class: "small" }, c.media.map((m) => el("li", {}, [m.url && link(m.url), m.archived && [t("archived_at"), link(m.archived)], m.sha256 && t("sha256", { hash: m.sha256 })].filter(Boolean).flatMap((part, i) => i ? ["; ", part] : [part])))),
    c.according && el("p", { class: "small", dir: "auto" }, t("according_to", { names: c.according.join(", ") })),
    c.entry && el("p", { class: "small" }, t("entry_recorded", { position: c.entry[0], time: c.entry[1] })),
    old && el("p", { class: "small" }, t("superseded")),
    c.because && el("p", { class: "small" }, t("voided", { because: c.because })),
    r.text && report(r.text, c.mark));
};
const report = (text, at) => {
  const body = el("div", { class: "text", dir: "auto", tabindex: 0, role: "group", "aria-label": t("report_text") });
  if (at) body.append(text.slice(0, at[0]), el("mark", {}, text.slice(at[0], at[1])), text.slice(at[1]));
  else body.append(text);
  return el("details", { class: "report", on: { toggle: () => { const found = body.querySelector("mark"); if (found) body.scrollTop = found.offsetTop - body.offsetTop - 60; } } },
    el("summary", {}, at ? t("report_marked") : t("report_text")), body);
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
  box.replaceChildren(...(chunks.length ? chunks : [el("p", { class: "nothing", role: "listitem" }, t("nothing_fits"))]));
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
  remember();
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
  rows = seen; extent = null; grouped = {};
  const perhaps = rows.filter((row) => row.perhaps).length;
  const every = t("events", { n: all.length }), count = rows.length === all.length ? every : t("some_of", { n: rows.length, all: every });
  $("count").textContent = perhaps ? t("some_perhaps", { count, n: perhaps }) : count;
  tellTimes();
  months();
  list();
  draw();
  remember();
};
let waiting = 0;
const soon = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(update); };

// ---- what an address keeps: filters, sliders, lanes and the events that are open ----
const remember = () => keep((kept) => {
  if (S.words.trim()) kept.set("words", S.words.trim());
  if (S.place !== "") kept.set("place", D.places[S.place][0]);
  if (S.source !== "") kept.set("source", D.sources[S.source]);
  if (S.kinds.size < D.kinds.length) for (const kind of S.kinds.size ? S.kinds : [-1]) kept.append("kind", D.kinds[kind] ?? "");
  keepTimes(kept);
  if (S.lanes !== D.lanes) kept.set("lanes", S.lanes);
  for (const e of S.open) kept.append("event", D.events[e][0]);
});
const restore = () => {
  const kept = new URLSearchParams(location.hash.slice(1)), number = (list, value) => { const i = list.indexOf(value); return i < 0 ? "" : String(i); };
  S.words = kept.get("words") || "";
  S.place = number(D.places.map(([key]) => key), kept.get("place"));
  S.source = number(D.sources, kept.get("source"));
  S.kinds = new Set(kept.has("kind") ? kept.getAll("kind").map((name) => D.kinds.indexOf(name)).filter((i) => i >= 0) : D.kinds.keys());
  takeTimes(kept);
  if (["places", "actors", "kinds"].includes(kept.get("lanes"))) S.lanes = kept.get("lanes");
  S.open = new Set(kept.getAll("event").map((id) => D.events.findIndex(([one]) => one === id)).filter((e) => e >= 0));
  $("text").value = S.words; $("place").value = S.place; $("source").value = S.source;
  for (const box of $("kinds").querySelectorAll("input")) box.checked = S.kinds.has(+box.value);
  for (const box of $("by").querySelectorAll("input")) box.checked = box.value === S.lanes;
};
// Shows the event that an address names.
const reveal = () => {
  const [e] = S.open, i = rows.findIndex((row) => row.e === e);
  if (i >= 0) { S.chosen = e; fill(chunk_at(i)); remake(i); reach(i, false); draw(); }
};
// ---- what can be saved ----
const harmless = (text) => (/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text);
const csv = () => {
  const cell = (value) => `"${harmless(String(value ?? "")).replace(/"/g, '""')}"`, iso = (b) => (b === undefined ? "" : new Date(D.bounds[b]).toISOString().slice(0, -1));
  const head = ["id", "time", "earliest", "latest", "zone", "kind", "what", "expected", "places", "latitude", "longitude", "actors", "sources", "denied_by", "disputed", "urls", "quotes"];
  const lines = rows.map(({ e, v }) => {
    const places = (v.places || []).map((n) => D.places[n]), claims = v.claims.map((n) => D.claims[n]);
    const [, , latitude, longitude] = places[0] || [];
    return [D.events[e][0], v.time, iso(v.lo), iso(v.hi), D.zone, D.kinds[v.kind], v.told, v.expected ? 1 : 0, places.map(([, name]) => name).join("; "), latitude, longitude,
      (v.actors || []).map((n) => D.actors[n]).join("; "), names(v.sources || []), names(v.denied || []), (v.disputes || []).map(([name]) => label(name)).join("; "),
      claims.map((c) => D.reports[c.report].url).filter(Boolean).join(" "), claims.map((c) => c.quote).filter(Boolean).join(" | ")];
  });
  return [head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n");
};
const save = (ending, type, text) => {
  const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  el("a", { href, download: `${document.title.replace(/[^\p{L}\p{N}]+/gu, "-")}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60e3);
};

const start = () => {
  document.documentElement.classList.add("on");
  const now = stands(), sources = new Set(now.flatMap(({ v }) => v.sources || []));
  const times = now.flatMap(({ v }) => [v.lo, v.hi]).filter((b) => b !== undefined);
  const from = times.reduce((a, b) => Math.min(a, b), END), to = times.reduce((a, b) => Math.max(a, b), 0);
  const day = (b) => new Date(D.bounds[b]).toISOString().replace(/^[+]/, "").slice(0, -14), last = (b) => D.moments[b];
  $("lede").textContent = !now.length ? t("nothing_stands") : times.length
    ? t("lede_times", { events: t("events", { n: now.length }), sources: t("sources", { n: sources.size }), first: day(from), last: last(to) })
    : t("lede", { events: t("events", { n: now.length }), sources: t("sources", { n: sources.size }) });
  const option = (value, text) => el("option", { value }, text);
  const counts = (pick) => { const n = new Map(); for (const { v } of now) for (const one of pick(v)) n.set(one, (n.get(one) || 0) + 1); return n; };
  const named = (map, name) => [...map].sort((a, b) => b[1] - a[1] || (name(a[0]) < name(b[0]) ? -1 : 1)).map(([one, n]) => option(one, t("option", { name: name(one), n })));
  $("place").append(option("", t("all_places")), ...named(counts((v) => v.places || []), (i) => D.places[i][1]));
  $("source").append(option("", t("all_sources")), ...named(counts((v) => [...(v.sources || []), ...(v.denied || [])]), (i) => D.sources[i]));
  $("kinds").append(...D.kinds.map((name, i) => [name, i]).sort(([a], [b]) => a.localeCompare(b, LANG)).map(([name, i]) => el("label", {}, el("input", { type: "checkbox", value: i, checked: true }),
    svg("svg", { width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" }, glyph(i)), upper(name))));
  $("by").append(...[["places", t("by_places")], ["actors", t("by_actors")], ["kinds", t("by_kinds")]].map(([name, words]) => el("label", {}, el("input", { type: "radio", name: "lanes", value: name, checked: S.lanes === name }), words)));
  sliders(soon);
  $("form").addEventListener("input", () => {
    S.words = $("text").value; S.place = $("place").value; S.source = $("source").value;
    S.kinds = new Set([...$("kinds").querySelectorAll("input:checked")].map((box) => +box.value));
    soon();
  });
  $("form").addEventListener("submit", (event) => event.preventDefault());
  $("form").addEventListener("reset", () => {
    Object.assign(S, { words: "", place: "", source: "", kinds: new Set(D.kinds.keys()), at: null, known: LAST, published: null, view: null });
    setSliders(); soon();
  });
  $("by").addEventListener("input", (event) => { S.lanes = event.target.value; S.all = false; draw(); remember(); });
  const roomy = matchMedia("(min-width: 68rem)"), unfold = () => { $("fold").open = roomy.matches; };
  roomy.addEventListener("change", unfold); unfold();
  legend();
  restore();
  update();
  reveal();
  addEventListener("hashchange", () => { restore(); update(); reveal(); });
  $("save-rows").addEventListener("click", () => save("csv", "text/csv", csv()));
  $("save-data").addEventListener("click", () => save("json", "application/json", $("data").textContent));
  embed();
  let width = 0;
  new ResizeObserver(([box]) => { const w = Math.round(box.contentRect.width); if (w !== width) { width = w; draw(); } }).observe($("lanes"));
  addEventListener("beforeprint", () => { printing = true; [...$("list").children].forEach((chunk) => chunk.dataset.from && fill(chunk)); });
  addEventListener("afterprint", () => { printing = false; });
};
