"use strict";
// What pages share: making elements (texts only ever enter as texts), glyphs, weaves, time axes.
const D = JSON.parse(document.getElementById("data").textContent);
// What page_packing.py packed: rows of versions, claims and reports become objects again.
const unpack = () => {
  const made = (names, row) => {
    const one = {};
    names.forEach((name, i) => { if (row[i] !== null && row[i] !== undefined) one[name] = row[i]; });
    return Object.assign(one, row[names.length]);
  };
  const text = (number) => D.texts[number], clock = (position) => {
    let a = 0, b = D.steps.length;
    while (a < b) { const m = (a + b) >> 1; if (D.steps[m][1] < position) a = m + 1; else b = m; }
    return D.steps[a] ? D.steps[a][0] : "";
  };
  D.reports = D.reports.map((row) => { const r = made(["source", "published", "title"], row); if (r.published !== undefined) r.published = text(r.published); return r; });
  D.claims = D.claims.map((row) => { const c = made(["report", "stance", "entry"], row); if (c.entry) c.entry = [c.entry, clock(c.entry)]; return c; });
  const who = (v, stance) => {
    const counted = v.counted ? v.counted.map((i) => v.claims[i]) : v.claims;
    const found = new Set(counted.map((n) => D.claims[n]).filter((c) => (c.stance === 1) === stance).map((c) => D.reports[c.report].source));
    return found.size ? [...found].sort((a, b) => (D.sources[a] < D.sources[b] ? -1 : 1)) : undefined;
  };
  for (const row of D.events) if (typeof row[2] === "number") row[2] = [[row[2], -1, 0]];
  for (const [, versions] of D.events) for (const life of versions) {
    if (life.length < 2) life.unshift(0, -1);
    const v = life[2] = made(["time", "told", "kind", "lo", "hi", "claims", "places", "actors", "fields"], life[2]), flat = v.fields;
    v.time = text(v.time); v.sources = who(v, false); v.denied = who(v, true);
    if (flat) v.fields = flat.flatMap((label, i) => (i % 2 ? [] : [[label, text(flat[i + 1])]]));
  }
};
if (D.texts) unpack();
const $ = (id) => document.getElementById(id);
const filled = (node, parts, kids) => {
  for (const [name, value] of Object.entries(parts || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, heard] of Object.entries(value)) node.addEventListener(event, heard);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...kids.flat(Infinity).filter((kid) => kid !== null && kid !== undefined && kid !== false));
  return node;
};
const el = (name, parts, ...kids) => filled(document.createElement(name), parts, kids);
const svg = (name, parts, ...kids) => filled(document.createElementNS("http://www.w3.org/2000/svg", name), parts, kids);
// Every word is in the catalogue that Python handed over: a text with gaps, or one for each number form.
const LANG = document.documentElement.lang, RULES = new Intl.PluralRules(LANG), FIGURES = new Intl.NumberFormat(LANG);
const number = (n) => (typeof n === "number" ? FIGURES.format(n) : n);
const t = (key, parts = {}) => {
  const text = D.words[key], form = typeof text === "string" ? text : text[RULES.select(parts.n)] || text.other;
  return form.replace(/\{(\w+)\}/g, (_, name) => number(parts[name]));
};
const upper = (text) => text.replace(/^./u, (letter) => letter.toLocaleUpperCase(LANG));

const kindNumber = (kind) => D.glyphs[kind][0];
const glyph = (kind, parts) => svg("path", { d: D.glyphs[kind][1], ...parts, class: `glyph k${kindNumber(kind)} ${(parts && parts.class) || ""}` });

// Holders have the looks that Python gave them: those of the theme, or the eight by frequency.
const LOOKS = new Map(D.holders);
const holderNumber = { order: [...LOOKS.keys()], of: (who) => LOOKS.get(who) };
// How much of a place each holder's part takes up: what is said of it, an even part where nothing is.
const parts = (holding) => {
  const told = holding[2].map(([who, share]) => [who, share ? share[0] / share[1] : null]);
  const rest = Math.max(0, 1 - told.reduce((sum, [, share]) => sum + (share || 0), 0));
  const open = told.filter(([, share]) => share === null).length;
  return told.map(([who, share]) => [who, share === null ? rest / open : share]);
};
// Moments asked are numbered: 2n is by the bound n, 2n + 1 the stretch after it; null counts everything.
const bound_of = (at) => at >> 1, between = (at) => at & 1;
const momentTold = (at) => {
  if (at === null) return t("at_any_time");
  const moment = D.moments[bound_of(at)];
  return between(at) ? t("after_moment", { moment }) : t("by_moment", { moment });
};
// The answer for a place, out of its turns.
const heldBy = (course, at) => {
  const [before, turns, last] = course;
  if (at === null) return last;
  let found = before;
  for (const [bound, then, after] of turns) { if (bound > bound_of(at)) break; found = bound === bound_of(at) && !between(at) ? then : after; }
  return found;
};

// ---- what is asked of every page: by when, as known when, as published when ----
const END = D.bounds.length, LAST = Math.max(0, D.steps.length - 1);
const EVERY = D.published.length; // the end of the slider: what has no date of publication too
const S = { at: null, known: LAST, published: null };
// Whether something stood from one step until before another, by what was known or published.
const lives = ([first, until], step = S.published ?? S.known) => first <= step && (until < 0 || step < until);
// What stands about an event at the step asked.
const standing = ([, known, published]) => {
  const life = (S.published === null ? known : published).find((one) => lives(one));
  return life && (S.published === null ? life[2] : known[life[2]][2]);
};
const mayHave = (v) => S.at === null || v.lo === undefined || (between(S.at) ? v.lo <= bound_of(S.at) : v.lo < bound_of(S.at));
const surelyHas = (v) => S.at === null || (v.hi !== undefined && v.hi <= bound_of(S.at));
const held_now = () => new Map((S.published === null ? D.held : D.held_published).filter(([, ...life]) => lives(life)).map(([place, , , ...course]) => [place, course]));
const setSliders = () => { $("at").value = S.at ?? 2 * END; $("known").value = S.known; $("published").value = S.published ?? EVERY; };
// What was known and what was published are two questions: asking one lets go of the other.
const sliders = (changed) => {
  const on = (id, take) => $(id).addEventListener("input", () => { take(+$(id).value); setSliders(); changed(); });
  $("at").max = 2 * END; $("known").max = LAST; $("published").max = EVERY; setSliders();
  $("known-slide").hidden = !LAST; $("published-slide").hidden = !EVERY; $("times").hidden = !END && !LAST;
  on("at", (n) => { S.at = n >= 2 * END ? null : n; });
  on("known", (n) => { S.known = n; S.published = null; });
  on("published", (n) => { S.published = n >= EVERY ? null : n; S.known = LAST; });
};
const tellTimes = () => {
  const say = (id, words) => { $(`${id}-told`).textContent = words; $(id).setAttribute("aria-valuetext", words); };
  say("at", momentTold(S.at));
  if (D.steps.length) {
    const [recorded, position] = D.steps[S.known];
    say("known", S.known === LAST ? t("now_all", { entries: t("entries", { n: position }) }) : t("by_entry", { recorded, position }));
  }
  if (EVERY) say("published", S.published === null ? t("all_published") : t("by_moment", { moment: D.published[S.published] }));
};
// An address keeps what is asked.
const keepTimes = (kept) => {
  if (S.at !== null) kept.set("at", (between(S.at) ? "after " : "") + D.moments[bound_of(S.at)]);
  if (S.known < LAST) kept.set("known", D.steps[S.known][1]);
  if (S.published !== null) kept.set("published", D.published[S.published]);
};
const takeTimes = (kept) => {
  const moment = kept.get("at") || "", at = D.moments.indexOf(moment.replace(/^after /, ""));
  const known = D.steps.findIndex(([, position]) => position === +kept.get("known")), published = D.published.indexOf(kept.get("published"));
  Object.assign(S, { at: at < 0 ? null : 2 * at + +moment.startsWith("after "), known: known < 0 ? LAST : known, published: published < 0 ? null : published });
  setSliders();
};
const EMBEDDED = /[?&#]embed\b/.test(location.search + location.hash);
const keep = (add) => {
  const kept = new URLSearchParams();
  if (/[&#]embed\b/.test(location.hash)) kept.set("embed", "1");
  add(kept);
  const text = `#${kept}`;
  if (text === (location.hash || "#")) return;
  try { history.replaceState(null, "", text); } catch { /* a frame without an address of its own */ }
};
// A page in a frame tells its parent how high it is, so that the frame can be as high.
const embed = () => {
  document.documentElement.classList.toggle("embed", EMBEDDED);
  if (parent === window) return;
  new ResizeObserver(() => parent.postMessage({ timeline: "height", height: document.body.offsetHeight }, "*")).observe(document.body);
};

// How wide a text is, and as much of it as has room.
const pen = document.createElement("canvas").getContext("2d"), face = getComputedStyle(document.body).fontFamily;
const wide = (text, size, weight = 400) => { pen.font = `${weight} ${size}px ${face}`; return pen.measureText(text).width; };
const cut = (text, room, size, weight) => {
  if (wide(text, size, weight) <= room) return text;
  let n = Math.min(text.length, Math.ceil((text.length * room) / wide(text, size, weight)) + 2);
  while (n > 0 && wide(`${text.slice(0, n)}…`, size, weight) > room) n--;
  return `${text.slice(0, n).trimEnd()}…`;
};

const HOUR = 3600e3, DAY = 24 * HOUR;
const STEPS = [["h", 1, HOUR], ["h", 3, 3 * HOUR], ["h", 6, 6 * HOUR], ["h", 12, 12 * HOUR], ["d", 1, DAY], ["d", 2, 2 * DAY], ["d", 7, 7 * DAY], ["d", 14, 14 * DAY],
  ["m", 1, 30.4 * DAY], ["m", 3, 91 * DAY], ["m", 6, 182 * DAY], ["y", 1, 365 * DAY], ["y", 2, 730 * DAY], ["y", 5, 1826 * DAY], ["y", 10, 3652 * DAY], ["y", 50, 18262 * DAY],
  ["y", 100, 36524 * DAY], ["y", 500, 182621 * DAY], ["y", 1000, 365242 * DAY], ["y", 10000, 3652425 * DAY], ["y", 100000, 36524250 * DAY]];
const ticks = (from, to, width) => {
  const [unit, n, size] = STEPS.find(([, , each]) => (width * each) / (to - from) >= 92) || STEPS[STEPS.length - 1];
  const found = [], start = new Date(from);
  const year = start.getUTCFullYear();
  for (let i = 0; found.length < 200; i++) {
    let ms, label;
    if (unit === "y") { const y = Math.floor(year / n) * n + i * n; ms = new Date(0).setUTCFullYear(y, 0, 1); label = y < 1 ? t("bce", { year: `${1 - y}` }) : `${y}`; }
    else if (unit === "m") { const m = Math.floor(start.getUTCMonth() / n) * n + i * n; ms = Date.UTC(year, m, 1); const d = new Date(ms); label = `${D.months[d.getUTCMonth()]} ${d.getUTCFullYear()}`; }
    else { ms = Math.floor(from / size) * size + i * size; const d = new Date(ms); const day = `${d.getUTCDate()} ${D.months[d.getUTCMonth()]}`;
      label = !found.length ? `${day} ${d.getUTCFullYear()}` : unit === "d" || !d.getUTCHours() ? day : `${String(d.getUTCHours()).padStart(2, "0")}:00`; }
    if (!(ms <= to)) break;
    if (ms >= from) found.push([ms, label]);
  }
  return found;
};
