// What a pass changed, line by line. Values are numbered anew by each pass, so lines are compared
// without the numbers and the indentation. Lines that stand once on both sides are anchors (patience
// diff); what lies between them is compared by the longest common subsequence where it is short.

function comparable(line) {
  return line.trim().replace(/%[\w#:]+/g, "%");
}

// The longest rising run of pairs [before, after], which come in the order of `before`.
function rising(pairs) {
  const tails = [], previous = new Array(pairs.length);
  pairs.forEach(([, after], i) => {
    let low = 0, high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]][1] < after) low = middle + 1;
      else high = middle;
    }
    previous[i] = low ? tails[low - 1] : -1;
    tails[low] = i;
  });
  const result = [];
  for (let i = tails.length ? tails[tails.length - 1] : -1; i >= 0; i = previous[i]) result.push(pairs[i]);
  return result.reverse();
}

// Pairs of lines that stayed, in order.
function matches(before, after) {
  const result = [];
  const walk = (a0, a1, b0, b1) => {
    while (a0 < a1 && b0 < b1 && before[a0] === after[b0]) result.push([a0++, b0++]);
    const tail = [];
    while (a0 < a1 && b0 < b1 && before[a1 - 1] === after[b1 - 1]) tail.push([--a1, --b1]);
    if (a0 < a1 && b0 < b1) {
      const once = (lines, from, to) => {
        const at = new Map();
        for (let i = from; i < to; i++) at.set(lines[i], at.has(lines[i]) ? -1 : i);
        return at;
      };
      const inBefore = once(before, a0, a1), inAfter = once(after, b0, b1);
      const pairs = [];
      for (const [line, i] of inBefore) if (i >= 0 && (inAfter.get(line) ?? -1) >= 0) pairs.push([i, inAfter.get(line)]);
      const anchors = rising(pairs);
      if (anchors.length) {
        let a = a0, b = b0;
        for (const [i, j] of anchors) {
          walk(a, i, b, j);
          result.push([i, j]);
          a = i + 1;
          b = j + 1;
        }
        walk(a, a1, b, b1);
      } else if ((a1 - a0) * (b1 - b0) < 4e6) {
        result.push(...common(a0, a1, b0, b1));
      }
    }
    result.push(...tail.reverse());
  };
  const common = (a0, a1, b0, b1) => {
    const width = b1 - b0 + 1, best = new Uint16Array((a1 - a0 + 1) * width);
    for (let i = a1 - a0 - 1; i >= 0; i--)
      for (let j = b1 - b0 - 1; j >= 0; j--)
        best[i * width + j] = before[a0 + i] === after[b0 + j]
          ? best[(i + 1) * width + j + 1] + 1
          : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    const pairs = [];
    for (let i = 0, j = 0; i < a1 - a0 && j < b1 - b0;)
      if (before[a0 + i] === after[b0 + j]) pairs.push([a0 + i++, b0 + j++]);
      else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i++;
      else j++;
    return pairs;
  };
  walk(0, before.length, 0, after.length);
  return result;
}

// Rows {kind: "same" | "added" | "removed" | "gap", text, before, after}; of long stretches that
// stayed only the ends are kept.
function difference(beforeText, afterText, context = 3) {
  const before = beforeText.split("\n"), after = afterText.split("\n");
  const rows = [];
  let a = 0, b = 0;
  const end = [[before.length, after.length]];
  for (const [i, j] of matches(before.map(comparable), after.map(comparable)).concat(end)) {
    while (a < i) rows.push({ kind: "removed", text: before[a], before: a++ });
    while (b < j) rows.push({ kind: "added", text: after[b], after: b++ });
    if (i < before.length) rows.push({ kind: "same", text: after[j], before: a++, after: b++ });
  }
  const near = new Uint8Array(rows.length);
  rows.forEach((row, i) => {
    if (row.kind !== "same")
      for (let k = Math.max(0, i - context); k <= Math.min(rows.length - 1, i + context); k++) near[k] = 1;
  });
  const shown = [];
  let hidden = 0;
  const flush = () => {
    if (hidden) shown.push({ kind: "gap", text: `${hidden} lines that stayed` });
    hidden = 0;
  };
  rows.forEach((row, i) => {
    if (!near[i]) hidden++;
    else {
      flush();
      shown.push(row);
    }
  });
  flush();
  return shown;
}
