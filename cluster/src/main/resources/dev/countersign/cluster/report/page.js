
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 50;
  const SHOWN_ITEMS = 4;
  const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const STEPS = [60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 15552000, 31536000, 157680000];
  const SVG = "http://www.w3.org/2000/svg";
  const LINE = 1000;

  function element(name, properties, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function svg(name, properties, ...children) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(properties)) {
      made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function button(text, pressed) {
    const made = element("button", {type: "button"}, text);
    made.addEventListener("click", pressed);
    return made;
  }

  const number = (count) => count.toLocaleString("en");
  const time = (at) => new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ");
  const day = (at) => new Date(at * 1000).toISOString().slice(0, 10);

  function relative(at) {
    const seconds = Math.abs(at - data.at);
    const [unit, size] = UNITS.find((one) => seconds >= 2 * one[1]) || UNITS[3];
    const words = Math.floor(seconds / size) + " " + unit;
    return at > data.at ? "in " + words : words + " ago";
  }

  /* Cells are [kind, value...]; a life is [notBefore, renewsFrom, renewsUntil, notAfter]. */
  const text = {
    text: (cell) => cell[1],
    code: (cell) => cell[1],
    state: (cell) => cell[1],
    items: (cell) => cell.slice(1).join(" "),
    time: (cell) => cell[1] === null ? "" : time(cell[1]),
    life: (cell) => cell.length < 2 ? "" : time(cell[4]),
    line: () => "",
  };
  const NEVER = Number.MAX_SAFE_INTEGER;
  const order = {
    time: (cell) => cell[1] === null ? NEVER : cell[1],
    life: (cell) => cell.length < 2 ? NEVER : cell[4],
    line: (cell) => Math.min(...[cell[1], cell[2]].map((life) => life.length ? life[3] : NEVER)),
  };

  function told(name, life) {
    if (!life.length) {
      return name + ": unknown.";
    }
    const ends = life[3] <= data.at ? "expired " : "expires ";
    return name + ": " + (life[0] === null ? "" : "issued " + time(life[0]) + ", renews " + time(life[1]) + " to " + time(life[2]) + ", ")
      + ends + time(life[3]) + ".";
  }

  class TimeLine {
    constructor(rows, column) {
      const starts = [data.at];
      const ends = [data.at];
      for (const row of rows) {
        for (const life of [row[column][1], row[column][2]]) {
          if (life.length) {
            ends.push(life[3]);
            if (life[0] !== null) {
              starts.push(life[0]);
            }
          }
        }
      }
      /* a few far outliers do not squeeze the others; their bars run over the edge */
      starts.sort((a, b) => a - b);
      ends.sort((a, b) => a - b);
      const from = Math.min(starts[Math.floor(starts.length * 0.02)], data.at);
      const to = Math.max(ends[Math.ceil(ends.length * 0.98) - 1], data.at);
      const margin = Math.max(60, (to - from) * 0.02);
      this.from = from - margin;
      this.to = to + margin;
      const step = STEPS.find((one) => (this.to - this.from) / one <= 6) || STEPS[STEPS.length - 1];
      this.ticks = [];
      for (let at = Math.ceil(this.from / step) * step; at < this.to; at += step) {
        this.ticks.push(at);
      }
      this.short = step < 86400 ? (at) => time(at).slice(11) : step < 2592000 ? (at) => day(at).slice(5) : (at) => day(at).slice(0, 7);
    }

    x(at) {
      return Math.min(LINE, Math.max(0, (at - this.from) / (this.to - this.from) * LINE));
    }

    axis() {
      const drawn = svg("svg", {"aria-hidden": "true"});
      for (const at of this.ticks) {
        const x = this.x(at) / LINE * 100;
        const label = svg("text", {x: x + "%", y: "9", "text-anchor": x < 12 ? "start" : x > 88 ? "end" : "middle"});
        label.textContent = this.short(at);
        drawn.append(label, svg("line", {x1: x + "%", x2: x + "%", y1: "12", y2: "17"}));
      }
      return drawn;
    }

    row(serving, client) {
      const words = told("Serving certificate", serving) + " " + told("Client certificate", client);
      const title = svg("title", {});
      title.textContent = words;
      const drawn = svg("svg", {viewBox: "0 0 " + LINE + " 28", preserveAspectRatio: "none", role: "img", "aria-label": words}, title);
      const hatch = [];
      drawn.append(this.rules("grid", this.ticks.map((at) => [this.x(at), 0, 28])));
      this.bar(drawn, "serving", serving, 5, hatch);
      this.bar(drawn, "client", client, 16, hatch);
      drawn.append(this.rules("hatch", hatch), this.rules("now", [[this.x(data.at), 0, 28]]));
      return drawn;
    }

    /* upright lines, each [x, from, to] */
    rules(kind, lines) {
      const path = lines.map(([x, from, to]) => "M" + x.toFixed(1) + " " + from + "V" + to).join("");
      return svg("path", {"class": kind, d: path, fill: "none", "vector-effect": "non-scaling-stroke"});
    }

    bar(drawn, kind, life, y, hatch) {
      if (!life.length) {
        return;
      }
      const end = this.x(life[3]);
      const over = life[3] <= data.at ? " over" : "";
      const known = life[0] !== null;
      const start = this.x(known ? life[0] : Math.min(data.at, life[3]));
      drawn.append(svg("rect", {"class": kind + over, x: start, y: y, width: Math.max(3, end - start), height: 7}));
      if (!known) {
        drawn.append(svg("path", {"class": kind + " unknown" + over, d: "M0 " + (y + 3.5) + "H" + start}));
        return;
      }
      const from = this.x(life[1]);
      const until = this.x(life[2]);
      for (let part = 0; part <= 3; part++) {
        hatch.push([from + (until - from) * part / 3, y, y + 7]);
      }
    }
  }

  const show = {
    text: (cell) => cell[1],
    code: (cell) => cell[1],
    state: (cell) => cell[1] === "" ? "" : element("span", {"class": cell[2]}, cell[1]),
    items: (cell, all) => {
      const items = cell.slice(1).map((item) => element("li", {"class": "code"}, item));
      if (items.length <= SHOWN_ITEMS + 1 || all) {
        return element("ul", {"class": "items"}, ...items);
      }
      const more = element("details", {}, element("summary", {}, "and " + (items.length - SHOWN_ITEMS) + " more"),
        element("ul", {"class": "items"}, ...items.slice(SHOWN_ITEMS)));
      const both = element("div");
      both.append(element("ul", {"class": "items"}, ...items.slice(0, SHOWN_ITEMS)), more);
      return both;
    },
    time: (cell) => {
      if (cell[1] === null) {
        return "";
      }
      const both = element("div");
      both.append(element("span", {}, time(cell[1])), " ", element("span", {"class": "faint"}, relative(cell[1])));
      return both;
    },
    life: (cell) => {
      if (cell.length < 2) {
        return element("span", {"class": "faint"}, "unknown");
      }
      const both = element("div");
      both.append(element("span", cell[4] <= data.at ? {"class": "bad"} : {}, time(cell[4])), " ", element("span", {"class": "faint"}, relative(cell[4])));
      if (cell[1] !== null) {
        both.append(element("br"), element("span", {"class": "faint dates"}, "issued " + day(cell[1]) + ", renews " + day(cell[2])));
      }
      return both;
    },
  };

  class Table {
    constructor(section) {
      this.section = section;
      this.rows = section.rows.map((cells) => ({
        cells: cells,
        text: cells.map((cell) => text[cell[0]](cell)).join("\n").toLowerCase(),
      }));
      this.matching = this.rows;
      this.near = true;
      this.page = 0;
      this.sort = null;
      this.group = null;
      const line = section.rows.length ? section.rows[0].findIndex((cell) => cell[0] === "line") : -1;
      this.line = line < 0 ? null : new TimeLine(section.rows, line);
      this.body = element("tbody", {role: "rowgroup"});
      this.pages = element("div", {"class": "pages"});
      this.groups = element("ul", {"class": "groups"});
      this.empty = element("p", {"class": "faint"});
      this.count = element("span", {"class": "faint"});
      this.table = element("table", {role: "table"}, element("caption", {}, section.title), this.head(), this.body);
      this.root = element("section", {id: section.id, "aria-labelledby": section.id + "-title"},
        element("h2", {id: section.id + "-title"}, section.title, " ", this.count),
        element("p", {"class": "faint"}, section.note), this.groups, this.empty, this.table, this.pages);
      this.addGroups();
    }

    head() {
      this.headings = this.section.columns.map((label, index) => {
        const line = this.line && this.section.rows[0][index][0] === "line";
        const heading = element("th", {scope: "col", role: "columnheader", "class": line ? "line" : "", "aria-sort": "none"},
          button(label, () => this.sortBy(index)));
        if (line) {
          heading.append(this.line.axis());
        }
        return heading;
      });
      return element("thead", {role: "rowgroup"}, element("tr", {role: "row"}, ...this.headings));
    }

    addGroups() {
      const column = this.section.group;
      const counts = new Map();
      for (const row of column < 0 ? [] : this.rows) {
        const word = text[row.cells[column][0]](row.cells[column]);
        counts.set(word, (counts.get(word) || 0) + 1);
      }
      if (counts.size < 2) {
        return;
      }
      for (const [word, count] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, 30)) {
        const one = button((word || "no " + this.section.columns[column].toLowerCase()) + " (" + number(count) + ")", () => {
          this.group = this.group === word ? null : word;
          for (const other of this.groups.querySelectorAll("button")) {
            other.setAttribute("aria-pressed", String(other === one && this.group !== null));
          }
          this.update();
        });
        one.setAttribute("aria-pressed", "false");
        this.groups.append(element("li", {}, one));
      }
    }

    sortBy(index) {
      const ascending = !(this.sort && this.sort.index === index && this.sort.ascending);
      this.sort = {index: index, ascending: ascending};
      this.headings.forEach((heading, at) =>
        heading.setAttribute("aria-sort", at !== index ? "none" : ascending ? "ascending" : "descending"));
      const key = (row) => {
        const cell = row.cells[index];
        return order[cell[0]] ? order[cell[0]](cell) : text[cell[0]](cell);
      };
      const compare = new Intl.Collator("en", {numeric: true}).compare;
      const keyed = this.rows.map((row) => ({row: row, key: key(row)}));
      keyed.sort((a, b) => typeof a.key === "number" ? a.key - b.key : compare(a.key, b.key));
      this.rows = keyed.map((one) => one.row);
      if (!ascending) {
        this.rows.reverse();
      }
      this.update();
      announce(this.section.title + " sorted by " + this.section.columns[index] + (ascending ? "" : ", descending"));
    }

    update() {
      this.match(filterWords());
      this.render();
      announceCounts();
    }

    match(words) {
      const column = this.section.group;
      this.matching = this.rows.filter((row) =>
        words.every((word) => row.text.includes(word))
        && (this.group === null || text[row.cells[column][0]](row.cells[column]) === this.group));
      this.page = 0;
    }

    render(all) {
      const count = this.matching.length;
      const from = all ? 0 : this.page * PAGE;
      const to = all ? count : Math.min(count, from + PAGE);
      const rows = this.matching.slice(from, to);
      if (all || !this.shown || rows.length !== this.shown.length || rows.some((row, at) => row !== this.shown[at])) {
        this.body.replaceChildren(...rows.map((row) => this.row(row.cells, all)));
        this.shown = all ? null : rows;
      }
      this.count.textContent = count === this.rows.length ? number(count) : number(count) + " of " + number(this.rows.length);
      this.empty.textContent = count ? "" : this.rows.length ? "No row matches the filter." : this.section.empty;
      this.empty.hidden = count > 0;
      this.table.hidden = count === 0;
      this.pages.hidden = count <= PAGE;
      if (count > PAGE) {
        const back = button("Previous", () => this.turn(-1));
        const next = button("Next", () => this.turn(1));
        back.disabled = this.page === 0;
        next.disabled = to >= count;
        back.setAttribute("aria-label", "Previous rows of " + this.section.title);
        next.setAttribute("aria-label", "Next rows of " + this.section.title);
        this.pages.replaceChildren(back, element("span", {}, "rows " + number(from + 1) + " to " + number(to) + " of " + number(count)), next);
      }
    }

    turn(by) {
      this.page += by;
      this.render();
      const same = this.pages.querySelectorAll("button")[by < 0 ? 0 : 1];
      (same.disabled ? this.pages.querySelectorAll("button")[by < 0 ? 1 : 0] : same).focus();
      this.root.scrollIntoView();
      announce(this.section.title + ": " + this.pages.querySelector("span").textContent);
    }

    row(cells, all) {
      return element("tr", {role: "row"}, ...cells.map((cell, index) => {
        const kind = cell[0];
        const content = kind === "line" ? this.line.row(cell[1], cell[2]) : show[kind](cell, all);
        const nothing = cell.length === 1 || cell[1] === "" || cell[1] === null;
        const properties = {
          "class": kind + (nothing && kind !== "life" ? " nothing" : ""),
          "data-label": this.section.columns[index],
        };
        return index === 0 && cells.length > 1
          ? element("th", {...properties, scope: "row", role: "rowheader"}, content)
          : element("td", {...properties, role: "cell"}, content);
      }));
    }
  }

  document.title = data.title + (data.facts.length ? ": " + data.facts[0][1] : "");
  const tables = data.sections.map((section) => new Table(section));
  const status = element("p", {role: "status", "aria-live": "polite", "class": "faint"});
  const input = element("input", {type: "search", id: "filter", autocomplete: "off", spellcheck: "false"});

  /* as much as can be seen is shown at once, the rest a moment later */
  let later = 0;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      tables.find((table) => table.root === entry.target).near = entry.isIntersecting;
    }
  });
  tables.forEach((table) => observer.observe(table.root));

  function announce(words) {
    status.textContent = words;
  }

  const filterWords = () => input.value.toLowerCase().split(/\s+/).filter((word) => word);

  function announceCounts() {
    const chosen = filterWords().length > 0 || tables.some((table) => table.group !== null);
    announce(chosen ? tables.filter((table) => table.rows.length)
      .map((table) => number(table.matching.length) + " of " + number(table.rows.length) + " " + table.section.title.toLowerCase()).join(", ") : "");
  }

  function filter() {
    const words = filterWords();
    tables.forEach((table) => table.match(words));
    const rest = [];
    let rows = 0;
    for (const table of tables) {
      if (table.near && rows < PAGE) {
        table.render();
        rows += Math.min(PAGE, table.matching.length);
      } else {
        rest.push(table);
      }
    }
    clearTimeout(later);
    later = setTimeout(() => rest.forEach((table) => table.render()), 50);
    announceCounts();
  }

  input.addEventListener("input", filter);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && document.activeElement === input && input.value) {
      input.value = "";
      filter();
    }
  });
  addEventListener("beforeprint", () => tables.forEach((table) => table.render(true)));
  addEventListener("afterprint", () => tables.forEach((table) => table.render()));

  const facts = element("dl");
  for (const [term, words] of data.facts) {
    facts.append(element("dt", {}, term), element("dd", {}, words));
  }
  facts.append(element("dt", {}, "As of"), element("dd", {}, time(data.at) + " UTC"));
  const links = tables.map((table) =>
    element("li", {}, element("a", {href: "#" + table.section.id}, table.section.title), " " + number(table.rows.length)));
  document.body.append(
    element("a", {href: "#filter", "class": "skip"}, "Skip to filter"),
    element("header", {}, element("h1", {}, data.title), facts,
      element("nav", {"aria-label": "Tables"}, element("ul", {}, ...links))),
    element("main", {},
      element("div", {"class": "bar", role: "search"}, element("label", {}, "Filter", input), status),
      ...tables.map((table) => table.root)),
    element("footer", {}, element("p", {"class": "faint"}, "Times are in UTC. Press / to filter. A row matches if it contains every word.")));
  filter();
})();
