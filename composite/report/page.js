"use strict";
// What the page does in a browser: light and dark, where one is, tables that sort, filter and copy, two countries side
// by side. Without it everything can be read. Text only ever enters the page as text: nothing here writes HTML.

function make(tag, options = {}, ...children) {
  const { data = {}, attributes = {}, ...properties } = options;
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// ---- light and dark; a browser that keeps nothing for files still changes the page that is open

const THEME = "composite-theme";

function recall() {
  try {
    return localStorage.getItem(THEME);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // refused: the choice lasts as long as the page is open
  }
}

function setUpTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const button = make("button", { type: "button", id: "theme", textContent: "Dark mode" });
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
  document.getElementById("looks").append(button);
}

// ---- where one is

function setUpContents() {
  const contents = document.querySelector("nav details");
  const wide = matchMedia("(min-width: 64rem)");
  const fit = () => { contents.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  const places = [...contents.querySelectorAll("a")]
    .map((link) => ({ link, section: document.getElementById(link.hash.slice(1)) }))
    .filter((place) => place.section)
    .sort((a, b) => (a.section.compareDocumentPosition(b.section) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  const side = contents.closest(".side");
  let marked = null;
  let waiting = false;

  function mark() {
    waiting = false;
    const line = innerHeight / 3;
    const end = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
    const above = places.filter((place) => place.section.getBoundingClientRect().top <= line);
    const here = end && scrollY > 0 ? places.at(-1) : above.at(-1);
    if (here?.link === marked) return;
    marked?.removeAttribute("aria-current");
    marked = here?.link ?? null;
    if (!marked) return;
    marked.setAttribute("aria-current", "location");
    const box = marked.getBoundingClientRect();
    const frame = side.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom) side.scrollTop += box.top - frame.top - frame.height / 2;
  }

  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(mark);
  }, { passive: true });
  mark();
}

// ---- tables

const collator = new Intl.Collator("en", { numeric: true });

function sortRows(table, head, rows) {
  const column = head.cellIndex;
  const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
  const order = next === undefined ? "ascending" : next;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  let sorted = rows;
  if (order) {
    head.setAttribute("aria-sort", order);
    const numeric = head.classList.contains("number");
    const sign = order === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => {
      const cell = row.cells[column];
      const missing = cell.dataset.value === "";
      return { row, missing, key: numeric ? Number(cell.dataset.value) : cell.textContent };
    });
    const compare = numeric ? (a, b) => a.key - b.key : (a, b) => collator.compare(a.key, b.key);
    // missing ones are last in either order
    keyed.sort((a, b) => a.missing - b.missing || (a.missing ? 0 : sign * compare(a, b)));
    sorted = keyed.map((item) => item.row);
  }
  table.tBodies[0].append(...sorted);
  return order;
}

async function copyText(text, tools) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // refused, as some browsers do for files: hand the text over for the reader's own keys
    tools.querySelector("textarea")?.remove();
    const area = make("textarea", { readOnly: true, value: text, attributes: { "aria-label": "The table as CSV" } });
    tools.append(area);
    area.focus();
    area.select();
    return false;
  }
}

function download(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = make("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

function setUpTable(details, tables) {
  const table = details.querySelector("table");
  const rows = [...table.tBodies[0].rows];
  const csv = tables[details.dataset.table];
  const said = make("span", { className: "said", attributes: { role: "status" } });
  const count = (number) => `${number.toLocaleString("en")} ${number === 1 ? "row" : "rows"}`;

  for (const head of table.tHead.rows[0].cells) {
    const name = head.textContent;
    const button = make("button", { type: "button", title: head.title, textContent: name });
    head.removeAttribute("title");
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const order = sortRows(table, head, rows);
      said.textContent = order ? `Sorted by ${name}, ${order}.` : "In the order of the file again.";
    });
  }

  const filter = make("input", { type: "search", autocomplete: "off" });
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    said.textContent = words.length ? `${shown.toLocaleString("en")} of ${count(rows.length)} shown.` : "";
  });

  const copy = make("button", { type: "button", className: "copy", textContent: "Copy as CSV" });
  const save = make("button", { type: "button", className: "save", textContent: "Download CSV" });
  const tools = make("div", { className: "tools" }, make("label", {}, "Only rows with", filter), copy, save, said);
  copy.addEventListener("click", async () => {
    const done = await copyText(csv, tools);
    const all = `the whole table, ${count(rows.length)}`;
    said.textContent = done ? `Copied ${all}.` : `Press Ctrl+C (Command-C on a Mac) to copy ${all}.`;
  });
  save.addEventListener("click", () => download(csv, details.dataset.file));
  details.querySelector(".scroll").before(tools);
}

function setUpTables(tables) {
  for (const details of document.querySelectorAll("details.behind")) {
    // a long report has thousands of rows: each table is made ready when it is first opened
    const ready = () => {
      if (!details.open) return;
      details.removeEventListener("toggle", ready);
      setUpTable(details, tables);
    };
    details.addEventListener("toggle", ready);
    ready();
  }
}

// ---- two countries; numbers and their wording come ready from the tables

const WIDTH = 160;
const NARROW = "posts of these agencies only";
const UNEQUAL = "The classifier does not find this theme equally well in their languages: a naive difference would mislead.";

function turn(number) {
  // the same difference seen from the other country: the other sign, in the number and in its wording
  if (number === null) return null;
  const [value, text] = number;
  const sign = { "+": "−", "−": "+" }[text[0]];
  return [-value, sign ? sign + text.slice(1) : text];
}

function findPair(picker, one, two) {
  const asked = picker.pairs[`${one},${two}`];
  if (asked) return asked;
  const other = picker.pairs[`${two},${one}`];
  if (!other) return null;
  return Object.fromEntries(
    Object.entries(other).map(([theme, row]) => [
      theme,
      { ...row, difference: turn(row.difference), low: turn(row.high), high: turn(row.low) },
    ]),
  );
}

function drawEstimate(place, estimate, look, y) {
  const narrow = estimate.inference === "agencies" ? "" : " narrow";
  const few = estimate.few ? " few" : "";
  const group = draw("g", { class: look + few });
  if (estimate.low && estimate.high) {
    const ends = { x1: place(estimate.low[0]), x2: place(estimate.high[0]), y1: y, y2: y };
    group.append(draw("line", { class: `span${narrow}`, ...ends }));
  }
  const x = place(estimate.value[0]);
  const shape =
    look === "two"
      ? draw("path", { class: `mark${narrow}`, d: `M ${x - 5} ${y} L ${x} ${y - 5} L ${x + 5} ${y} L ${x} ${y + 5} z` })
      : draw("circle", { class: `mark${narrow}`, cx: x, cy: y, r: 4 });
  group.append(shape);
  return group;
}

function drawRow(label, zero, place, estimates) {
  const picture = draw("svg", { viewBox: `0 0 ${WIDTH} 34`, role: "img", "aria-label": label });
  picture.append(draw("line", { class: "axis", x1: place(zero), x2: place(zero), y1: 0, y2: 34 }));
  for (const { estimate, look, y } of estimates) {
    if (estimate.value) picture.append(drawEstimate(place, estimate, look, y));
  }
  return picture;
}

function writeSpan({ low, high }, notes) {
  const span = low && high ? `${low[1]} to ${high[1]}` : "no interval";
  return [" ", make("small", {}, make("span", { textContent: span }), notes.length ? `; ${notes.join("; ")}` : null)];
}

function writeShare(share, name, label) {
  const cell = make("td", { className: share?.few ? "few" : "", data: { label }, attributes: { role: "cell" } });
  if (!share) {
    cell.append("–");
    return cell;
  }
  cell.append(`${share.share[1]} %`);
  const notes = [];
  if (share.method === "naive") notes.push(`not corrected: nothing coded in ${name}`);
  if (share.inference === "posts") notes.push(NARROW);
  if (share.few) notes.push("few coded posts");
  cell.append(...writeSpan(share, notes));
  return cell;
}

function writeGap(row) {
  const cell = make("td", { data: { label: "Difference" }, attributes: { role: "cell" } });
  if (!row?.difference) {
    cell.append("not compared");
    return cell;
  }
  cell.append(`${row.difference[1]} points`);
  cell.append(...writeSpan(row, row.inference === "posts" ? [NARROW] : []));
  return cell;
}

function writeVerdict(row) {
  const words = row?.told === true ? "told apart" : row?.told === false ? "not told apart" : "not tested";
  const cell = make("td", { className: row?.told ? "told" : "", attributes: { role: "cell" } }, words);
  if (row?.p) {
    const text = row.p.startsWith("<") ? `p < ${row.p.slice(1)}` : `p = ${row.p}`;
    cell.append(" ", make("small", {}, make("span", { textContent: text })));
  }
  return cell;
}

function compare(picker, one, two) {
  const names = Object.fromEntries(picker.countries);
  const pair = findPair(picker, one, two);
  const shares = [picker.shares[one], picker.shares[two]];
  const every = picker.themes.flatMap(([theme]) => shares.map((share) => share[theme]).filter(Boolean));
  const most = Math.max(0.01, ...every.flatMap((share) => [share.share[0], share.high?.[0] ?? 0]));
  const widest = Math.max(0.01, ...Object.values(pair ?? {}).flatMap((row) =>
    [row.difference, row.low, row.high].filter(Boolean).map((number) => Math.abs(number[0]))));
  const placeShare = (value) => 6 + (value / most) * (WIDTH - 12);
  const placeGap = (value) => WIDTH / 2 + (value / widest) * (WIDTH / 2 - 6);

  const head = (text, look) =>
    make("th", { scope: "col", attributes: { role: "columnheader" } },
      look ? make("span", { className: `key ${look}`, attributes: { "aria-hidden": "true" } }) : null, text);
  const body = make("tbody", { attributes: { role: "rowgroup" } });
  const told = [];
  for (const [theme, label] of picker.themes) {
    const [a, b] = shares.map((share) => share[theme]);
    const row = pair?.[theme];
    const name = make("th", { scope: "row", attributes: { role: "rowheader" } }, label);
    if (row?.unequal) {
      name.append(" ", make("small", { textContent: UNEQUAL }));
    }
    if (row?.told) told.push(label);
    const marks = [[a, "one", 9], [b, "two", 25]].filter(([share]) => share);
    const said = [[a, one], [b, two]].filter(([share]) => share).map(([share, code]) => `${names[code]} ${share.share[1]} %`);
    const sharesDrawn = drawRow(said.join(", "), 0, placeShare,
      marks.map(([share, look, y]) => ({ estimate: { ...share, value: share.share }, look, y })));
    const gapDrawn = row?.difference
      ? drawRow(`Difference ${row.difference[1]} points`, 0, placeGap,
          [{ estimate: { ...row, value: row.difference }, look: "gap", y: 17 }])
      : "";
    body.append(
      make("tr", { data: { theme }, attributes: { role: "row" } },
        name, writeShare(a, names[one], names[one]), writeShare(b, names[two], names[two]),
        make("td", { attributes: { role: "cell" } }, sharesDrawn),
        writeGap(row), make("td", { attributes: { role: "cell" } }, gapDrawn), writeVerdict(row)));
  }
  const heads = make("tr", { attributes: { role: "row" } },
    head("Theme"), head(names[one], "one"), head(names[two], "two"), head(`Shares, 0 to ${(100 * most).toFixed(0)} %`),
    head(`${names[one]} minus ${names[two]}`), head("Difference, drawn"), head("Told apart?"));
  const caption = make("caption", { textContent: `${names[one]} and ${names[two]}: share of posts with each theme` });
  const table = make("table", { className: "sides", attributes: { role: "table" } }, caption,
    make("thead", { attributes: { role: "rowgroup" } }, heads), body);

  let finding = `${names[one]} and ${names[two]} are not compared: too little is coded of one of them.`;
  if (pair && told.length) finding = `${names[one]} and ${names[two]} are told apart on ${told.length} of ${picker.themes.length} themes: ${told.join(", ")}.`;
  else if (pair) finding = `${names[one]} and ${names[two]} are not told apart on any theme: the differences below may be chance.`;
  return { table, finding };
}

function explain(picker) {
  const parts = [
    `Behind each share: its ${picker.level} % interval, one at a time.`,
    `Grey: fewer than ${picker.few} coded posts. Hollow and dotted: ${NARROW}.`,
  ];
  if (picker.tests) {
    parts.splice(1, 0, `Behind each difference, in percentage points: the ${picker.level} % interval that holds for every pair and theme at once. p: adjusted by Holm over all ${picker.tests.toLocaleString("en")} comparisons; told apart below 0.05.`);
  }
  const corrected = Object.values(picker.shares).some((shares) =>
    Object.values(shares).some((share) => share.method === "corrected"));
  if (!corrected) parts.unshift("Nothing here is corrected: errors of the classifier are counted as facts.");
  return parts.join(" ");
}

function setUpPicker(picker) {
  const one = document.getElementById("one");
  const two = document.getElementById("two");
  const said = document.getElementById("compared");
  const place = document.getElementById("side-by-side");
  const note = make("p", { textContent: explain(picker) });
  const known = new Map(picker.countries);
  place.after(note);
  document.querySelector(".picker").hidden = false;

  function show() {
    const same = one.value === two.value;
    place.hidden = same;
    note.hidden = same;
    if (same) {
      said.textContent = "Pick two different countries.";
      return;
    }
    const { table, finding } = compare(picker, one.value, two.value);
    place.replaceChildren(table);
    said.textContent = finding;
  }

  function keep() {
    show();
    try {
      history.replaceState(null, "", `#compare=${one.value},${two.value}`);
    } catch {
      location.hash = `compare=${one.value},${two.value}`;
    }
  }

  // #compare=GB,NL is a link to two countries
  function follow() {
    const asked = /^#compare=([A-Z]{2})(?:,|%2C)([A-Z]{2})$/i.exec(location.hash)?.map((code) => code.toUpperCase());
    if (!asked) return false;
    const absent = asked.slice(1).filter((code) => !known.has(code));
    if (absent.length) {
      said.textContent = `The link asks for ${absent.join(" and ")}, of which this report has no posts.`;
    } else {
      [, one.value, two.value] = asked;
      show();
    }
    document.getElementById("compare").scrollIntoView();
    return true;
  }

  two.selectedIndex = 1;
  one.addEventListener("change", keep);
  two.addEventListener("change", keep);
  document.getElementById("swap").addEventListener("click", () => {
    [one.value, two.value] = [two.value, one.value];
    keep();
  });
  addEventListener("hashchange", follow);
  show();
  follow();
}

// ---- begin: the colours before anything is painted, the rest when all of the page is there

const remembered = recall();
if (remembered === "dark" || remembered === "light") document.documentElement.dataset.theme = remembered;
document.documentElement.classList.add("js");
document.addEventListener("DOMContentLoaded", () => {
  const { tables, picker } = JSON.parse(document.getElementById("page-data").textContent);
  setUpTheme();
  setUpContents();
  setUpTables(tables);
  if (picker) setUpPicker(picker);
});
