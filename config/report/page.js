// The table of files. All that is shown is set as text, never as markup; a file's details are read out of their block
// of JSON when it is unfolded, not before.
"use strict";
(() => {
  const read = (node) => JSON.parse(node.textContent);
  const data = read(document.getElementById("data"));
  const rows = [];
  for (const block of document.querySelectorAll("script.rows")) rows.push(...read(block));
  const [PATH, OWNER, STATE, EFFECT, REBUILT, REMOVED, ADDED, BEFORE, LEFT, RULES, BLOCK, PLACE, WHY] = Array(13).keys();
  const SIZE = 100;
  const $ = (id) => document.getElementById(id);
  const number = (n) => n.toLocaleString("en");
  const make = (name, props = {}, ...children) => {
    const node = Object.assign(document.createElement(name), props);
    node.append(...children);
    return node;
  };
  const told = rows.map((row) => [row[PATH], data.owners[row[OWNER]], ...row[RULES].map((it) => data.rules[it]), row[WHY] ?? ""]
    .join("\n").toLowerCase());
  const order = new Map([
    ["file", (row) => row[PATH]],
    ["owner", (row) => data.owners[row[OWNER]]],
    ["effect", (row) => row[STATE] * 10 - row[EFFECT]],
    ["rebuilt", (row) => row[REBUILT]],
    ["lines", (row) => row[REMOVED] + row[ADDED]],
    ["findings", (row) => row[LEFT]],
  ]);
  let shown = [], page = 0, sort = "file", up = true;
  const open = new Set();
  // Where there is little room, some columns are hidden, and diffs are in one column.
  const narrow = matchMedia("(max-width: 44rem)");
  narrow.addEventListener("change", () => draw());

  function word(row) {
    return row[STATE] === 0 ? ["none", "rebuild", "image"][row[EFFECT]] : data.states[row[STATE]];
  }

  function choose() {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [state, owner, rule] = ["state", "owner", "rule"].map((it) => $(it).value);
    shown = [];
    rows.forEach((row, at) => {
      const fits = words.every((it) => told[at].includes(it))
        && (state === "" || (state[0] === "e" ? row[STATE] === 0 && row[EFFECT] === +state[1] : row[STATE] === +state))
        && (owner === "" || row[OWNER] === +owner)
        && (rule === "" || row[RULES].includes(+rule));
      if (fits) shown.push(at);
    });
    const key = order.get(sort);
    const sign = up ? 1 : -1;
    shown.sort((a, b) => {
      const [x, y] = [key(rows[a]), key(rows[b])];
      return (x < y ? -sign : x > y ? sign : a - b);
    });
    page = 0;
    draw();
  }

  function draw() {
    const body = $("rows");
    const from = page * SIZE, to = Math.min(from + SIZE, shown.length);
    body.replaceChildren();
    for (const at of shown.slice(from, to)) {
      body.append(line(at));
      if (open.has(at)) body.append(detail(at));
    }
    $("count").textContent = shown.length === 0 ? "No file fits"
      : `${number(from + 1)}–${number(to)} of ${number(shown.length)} files`;
    $("back").disabled = page === 0;
    $("on").disabled = to >= shown.length;
  }

  function line(at) {
    const row = rows[at];
    // A name is broken behind a slash where that can be.
    const parts = row[PATH].split(/(?<=\/)/).flatMap((part, at) => (at === 0 ? [part] : [make("wbr"), part]));
    const fold = make("button", { className: "fold", type: "button" }, make("span", {}, ...parts));
    fold.setAttribute("aria-expanded", open.has(at));
    const tr = make("tr", { id: `f${at}` },
      make("th", { scope: "row" }, fold),
      make("td", { className: "owner less", textContent: data.owners[row[OWNER]] }),
      make("td", {}, make("span", { className: `effect e${row[STATE] === 0 ? row[EFFECT] : ""}`, textContent: word(row) })),
      make("td", { className: "n less", textContent: row[REBUILT] || "" }),
      make("td", { className: "n" }),
      make("td", { className: "n less", textContent: row[BEFORE] || row[LEFT] ? `${row[BEFORE]} → ${row[LEFT]}` : "" }));
    if (row[REMOVED] || row[ADDED]) {
      tr.children[4].append(make("span", { className: "come-n", textContent: `+${row[ADDED]}` }), " ",
        make("span", { className: "go-n", textContent: `−${row[REMOVED]}` }));
    }
    fold.addEventListener("click", () => {
      const opens = !open.has(at);
      fold.setAttribute("aria-expanded", opens);
      if (opens) {
        open.add(at);
        tr.after(detail(at));
      } else {
        open.delete(at);
        tr.nextElementSibling.remove();
      }
    });
    return tr;
  }

  // The block that was read last: files that stand together are often looked at together.
  let last = [-1, []];
  function detailsOf(row) {
    if (row[BLOCK] < 0) return null;
    if (last[0] !== row[BLOCK]) last = [row[BLOCK], read($(`b${row[BLOCK]}`))];
    return last[1][row[PLACE]];
  }

  function list(title, items) {
    return items.length === 0 ? [] : [make("p", { textContent: title }),
      make("ul", {}, ...items.map((it) => make("li", { textContent: it })))];
  }

  function detail(at) {
    const row = rows[at];
    // A cell over more columns than there are would make some.
    const cell = make("td", { colSpan: narrow.matches ? 3 : 6 });
    const it = detailsOf(row);
    const owner = data.owners[row[OWNER]];
    cell.append(make("p", { textContent: `Owner: ${owner}. ${row[REBUILT]} build step${row[REBUILT] === 1 ? "" : "s"} rebuilt; `
      + `findings ${row[BEFORE]} before, ${row[LEFT]} after.` }));
    if (row[WHY]) cell.append(make("p", { textContent: `Passed over: ${row[WHY]}` }));
    if (it) {
      cell.append(...list("What is done:", it.s ?? []), ...list("Left to do:", it.f ?? []),
        ...list("What BuildKit refuses:", it.e ?? []), ...list("Faults of dockfix, taken back:", it.x ?? []));
    }
    if (it?.d) {
      cell.append(diff(it.d, row[PATH]));
    } else if (row[STATE] === 0) {
      cell.append(make("p", { className: "note", textContent: it?.n ?? "The diff was left out, to keep this page small: `dockfix migrate patch` writes it." }));
    }
    return make("tr", { className: "detail" }, cell);
  }

  // The lines of a unified diff, the ones that go beside those that come in their place.
  function hunks(text) {
    const out = [];
    let [a, b, gone, come] = [0, 0, [], []];
    const flush = () => {
      for (let i = 0; i < Math.max(gone.length, come.length); i++) out.push({ go: gone[i], come: come[i] });
      [gone, come] = [[], []];
    };
    for (const line of text.split("\n")) {
      const rest = line.slice(1);
      if (line[0] === "-") gone.push({ no: a++, text: rest });
      else if (line[0] === "+") come.push({ no: b++, text: rest });
      else {
        flush();
        const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
        if (head) {
          [a, b] = [+head[1], +head[2]];
          out.push({ head: line });
        } else if (line[0] === " ") out.push({ same: rest, a: a++, b: b++ });
        else if (line[0] === "\\") out.push({ head: line.slice(2) });
      }
    }
    flush();
    return out;
  }

  // A line with what differs from its other half marked.
  function marked(text, other, sign) {
    if (other === undefined) return [text];
    let from = 0;
    while (from < text.length && text[from] === other[from]) from++;
    let end = 0;
    while (end < Math.min(text.length, other.length) - from && text.at(-1 - end) === other.at(-1 - end)) end++;
    const middle = text.slice(from, text.length - end);
    if (middle === "" || middle.length > .8 * text.length) return [text];
    return [text.slice(0, from), make("mark", { textContent: middle }), text.slice(text.length - end)];
  }

  function half(tr, it, other, kind, sign) {
    tr.append(make("td", { className: "no", textContent: it ? it.no : "" }));
    tr.append(make("td", { className: it ? kind : "none" }, ...(it ? [sign, ...marked(it.text, other?.text)] : [])));
  }

  function diff(text, path) {
    const flat = narrow.matches;
    const cols = (flat ? ["no", ""] : ["no", "", "no", ""]).map((it) => make("col", { className: it }));
    const body = make("tbody");
    for (const it of hunks(text)) {
      const tr = make("tr");
      if (it.head !== undefined) {
        tr.className = "hunk";
        tr.append(make("td", { colSpan: cols.length, textContent: it.head }));
      } else if (it.same !== undefined) {
        if (!flat) tr.append(make("td", { className: "no", textContent: it.a }), make("td", { textContent: `  ${it.same}` }));
        tr.append(make("td", { className: "no", textContent: it.b }), make("td", { textContent: `  ${it.same}` }));
      } else if (!flat) {
        half(tr, it.go, it.come, "go", "− ");
        half(tr, it.come, it.go, "come", "+ ");
      } else {
        if (it.go) half(tr, it.go, it.come, "go", "− ");
        if (it.go && it.come) {
          const second = make("tr");
          half(second, it.come, it.go, "come", "+ ");
          body.append(tr, second);
          continue;
        }
        if (it.come) half(tr, it.come, it.go, "come", "+ ");
      }
      body.append(tr);
    }
    if (flat) unzip(body);
    const region = make("div", { className: "diff", tabIndex: 0 }, make("table", {}, make("colgroup", {}, ...cols), body));
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", `Diff of ${path}`);
    return region;
  }

  // In one column the lines that go stand above all that come in their place.
  function unzip(body) {
    const of = (tr) => tr.querySelector("td.go") ? 0 : tr.querySelector("td.come") ? 1 : 2;
    let run = [];
    const flush = () => {
      const anchor = run.at(-1)?.nextSibling ?? null;
      for (const kind of [0, 1]) run.filter((tr) => of(tr) === kind).forEach((tr) => body.insertBefore(tr, anchor));
      run = [];
    };
    for (const tr of [...body.children]) {
      if (of(tr) === 2) flush();
      else run.push(tr);
    }
    flush();
  }

  const option = (value, textContent) => make("option", { value, textContent });
  const sorted = (words) => words.map((word, at) => [at, word]).sort((a, b) => (a[1] < b[1] ? -1 : 1));
  $("owner").append(...sorted(data.owners).map(([at, word]) => option(at, word)));
  $("rule").append(...sorted(data.rules).map(([at, word]) => option(at, word)));
  for (const id of ["search", "state", "owner", "rule"]) $(id).addEventListener("input", choose);
  const turn = (by) => {
    page += by;
    draw();
    $("files").scrollIntoView();
  };
  $("back").addEventListener("click", () => turn(-1));
  $("on").addEventListener("click", () => turn(1));
  for (const th of document.querySelectorAll("#files th[data-sort]")) {
    th.querySelector("button").addEventListener("click", () => {
      up = sort === th.dataset.sort ? !up : ["file", "owner"].includes(th.dataset.sort);
      sort = th.dataset.sort;
      for (const other of document.querySelectorAll("#files th[aria-sort]")) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      choose();
    });
  }
  // Counts in the tables above lead to their files.
  for (const link of document.querySelectorAll("[data-filter]")) {
    link.addEventListener("click", () => {
      const [id, value] = link.dataset.filter.split("=");
      for (const it of ["search", "state", "owner", "rule"]) $(it).value = it === id ? value : "";
      choose();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(input|select|textarea)$/i.test(event.target.tagName)) {
      event.preventDefault();
      $("search").focus();
    }
  });
  $("tools").hidden = false;
  // What was typed before the page was left is still in its fields where a browser keeps it.
  choose();
})();
