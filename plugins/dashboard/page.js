"use strict";
/* The page is whole without this: here tables learn to sort, to filter, to
   turn pages and to leave as CSV. Nothing is asked of any network. */
(() => {
  const count = number => number.toLocaleString("en");
  const plain = text => text.normalize("NFKC").toLowerCase();

  /* The text of the data, where what is shown is grouped or has signs. */
  const raw = cell => "raw" in cell.dataset
    ? JSON.parse('"' + cell.dataset.raw + '"') : cell.textContent;

  const words = new Intl.Collator(undefined, {numeric: true});
  const sizeOf = cell => Number("n" in cell.dataset ? cell.dataset.n : raw(cell));

  /* Negative, zero or positive; cells without a text come last both ways. */
  const comparison = (column, numbers, direction) => (a, b) => {
    const x = a.cells[column], y = b.cells[column];
    const emptyX = raw(x) === "", emptyY = raw(y) === "";
    let order = emptyX - emptyY;
    if (order === 0 && !emptyX) {
      order = numbers ? sizeOf(x) - sizeOf(y) : words.compare(raw(x), raw(y));
      order = (order || 0) * direction;
    }
    return order || a.index - b.index;
  };

  const quoted = text => /[",\r\n]/.test(text)
    ? '"' + text.replaceAll('"', '""') + '"' : text;
  const harmless = text => /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)
    ? "'" + text : text;

  /* A line of one empty cell needs its quotes: nothing at all is no record. */
  const csv = (rows, textOf) => rows
    .map(cells => (cells.map(textOf).join(",") || '""') + "\r\n").join("");

  const save = (text, name) => {
    const url = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };

  const enhance = section => {
    const table = section.querySelector("table");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const tools = section.querySelector(".tools");
    const pager = section.querySelector(".pager");
    const status = pager.querySelector(".status");
    const back = pager.querySelector(".back"), next = pager.querySelector(".next");
    const filter = tools.querySelector("input");
    const perPage = Number(table.dataset.page);
    const rows = [...body.rows].map((row, index) => ({row, index, cells: [...row.cells]}));
    let order = rows, found = rows, first = 0;

    const show = () => {
      const shown = new Set(found.slice(first, first + perPage));
      const kept = new Set(found);
      for (const each of rows) {
        each.row.classList.toggle("out", !kept.has(each));
        each.row.classList.toggle("away", !shown.has(each));
      }
      back.disabled = first === 0;
      next.disabled = first + perPage >= found.length;
      status.textContent = found.length === 0 ? "No row matches."
        : count(first + 1) + "\u2013" + count(first + shown.size) + " of "
          + count(found.length) + (found.length < rows.length
            ? " that match, of " + count(rows.length) : "") + " rows";
      pager.hidden = rows.length <= perPage && found.length === rows.length;
      back.hidden = next.hidden = found.length <= perPage;
    };

    const select = () => {
      const wanted = filter ? plain(filter.value).split(/\s+/).filter(Boolean) : [];
      if (wanted.length > 0)
        for (const each of rows)
          each.text ??= plain(each.cells.map(cell => cell.textContent + "\n" + raw(cell)).join("\n"));
      found = order.filter(each => wanted.every(word => each.text.includes(word)));
      first = 0;
      show();
    };

    const sort = column => {
      const head = heads[column];
      const now = head.getAttribute("aria-sort");
      const then = now === null ? "ascending" : now === "ascending" ? "descending" : null;
      for (const each of heads)
        each.removeAttribute("aria-sort");
      order = rows;
      if (then !== null) {
        head.setAttribute("aria-sort", then);
        order = [...rows].sort(comparison(column, head.classList.contains("n"),
          then === "ascending" ? 1 : -1));
      }
      body.append(...order.map(each => each.row));
      select();
    };

    heads.forEach((head, column) => {
      if ("raw" in head.dataset === false)
        head.dataset.raw = JSON.stringify(head.textContent).slice(1, -1);
      if (rows.length < 2)
        return;
      const button = document.createElement("button");
      button.type = "button";
      const label = document.createElement("span");
      label.append(...head.childNodes);
      button.append(label);
      button.addEventListener("click", () => sort(column));
      head.append(button);
    });
    if (filter)
      filter.addEventListener("input", select);
    back.addEventListener("click", () => { first -= perPage; show(); });
    next.addEventListener("click", () => { first += perPage; show(); });
    for (const button of tools.querySelectorAll(".csv"))
      button.addEventListener("click", () => {
        const safe = button.classList.contains("safe");
        const text = csv([heads, ...rows.map(each => each.cells)],
          cell => quoted(safe ? harmless(raw(cell)) : raw(cell)));
        save((safe ? "\ufeff" : "") + text, JSON.parse('"' + table.dataset.name + '"') + ".csv");
      });
    tools.hidden = false;
    show();
  };

  for (const section of document.querySelectorAll(".result"))
    enhance(section);
})();
