// The arena: which bytes hold what, kernel by kernel.

async function showMemory(main) {
  if (!index.targets.length) {
    main.replaceChildren(element("p", { className: "note", textContent: "No memory plan: the compilation stopped before (--emit)." }));
    return;
  }
  const target = index.targets[state.target];
  const entry = target.functions.find((f) => f.name === state.function) ?? target.functions[0];
  const width = Math.max(400, main.clientWidth - 110), height = 420, steps = Math.max(1, entry.kernels.length);
  const x = (step) => (step / steps) * width, y = (bytes) => height - (bytes / Math.max(1, entry.arena)) * height;
  const names = entry.kernels.map(([group]) => target.groups[group].symbol);
  const shapes = entry.buffers.map(([offset, bytes, first, last], i) =>
    `<rect class="buffer" data-kernel="${first}" x="${x(first)}" y="${y(offset + bytes)}" width="${Math.max(1, x(last + 1) - x(first))}" ` +
    `height="${Math.max(.8, y(offset) - y(offset + bytes))}" fill="hsl(${(i * 47) % 360} 55% 70%)">` +
    `<title>${escapeText(names[first])}: ${grouped(bytes)} bytes at ${grouped(offset)}, kernels ${first} to ${last}</title></rect>`);
  const ticks = [0, .25, .5, .75, 1].map((part) =>
    `<text x="-6" y="${y(entry.arena * part) + 4}" text-anchor="end">${scaled(Math.round(entry.arena * part), "B")}</text>`);
  const over = entry.bound ? ((entry.arena / entry.bound - 1) * 100).toFixed(1) : "0.0";
  const about = element("p", {
    className: "note",
    textContent: `${entry.name}: arena of ${grouped(entry.arena)} bytes, ${over} % above the largest live set (${grouped(entry.bound)} bytes; no plan can need less). ` +
      `Across: ${entry.kernels.length} kernels in the order in which they run. Up: offsets. A rectangle is a value, from the kernel that makes it to the last that reads it.`,
  });
  const picture = element("div");
  picture.innerHTML = `<svg width="${width + 90}" height="${height + 30}" viewBox="-80 -8 ${width + 90} ${height + 30}" font-size="11" role="img" aria-label="memory map">` +
    `<rect width="${width}" height="${height}" fill="#f6f8fa" stroke="#d1d9e0"/>${shapes.join("")}` +
    `<line x1="0" x2="${width}" y1="${y(entry.bound)}" y2="${y(entry.bound)}" stroke="#cf222e" stroke-dasharray="4 3"/>${ticks.join("")}` +
    `<text x="0" y="${height + 16}">kernel 0</text><text x="${width}" y="${height + 16}" text-anchor="end">kernel ${steps - 1}</text></svg>`;
  for (const shape of picture.querySelectorAll(".buffer"))
    shape.addEventListener("click", () => choosePlace(entry.kernels[Number(shape.dataset.kernel)][1]));
  const text = (await piece(target.memory)).split("\n");
  const code = codeView(text, (row, i) => `<div class="row"><span class="number">${i + 1}</span><span>${escapeText(row)}</span></div>`);
  main.replaceChildren(about, picture, code);
  view.rows = text.map((row) => ({ text: row, place: -1 }));
  view.code = code;
}
