// Text with syntax colours: one regular expression a language, named groups are CSS classes.

const languages = {
  mlir: /(?<comment>\/\/.*)|(?<string>"(?:[^"\\]|\\.)*")|(?<op>\b(?:weir|func|llvm|quant)\.[\w.]+)|(?<value>[%@^][\w.$#:-]+)|(?<type>\btensor<[^>]*(?:<[^>]*>)?[^>]*>|\b[fiu]\d+\b)|(?<attribute>[#!][\w.]+|\b\w+(?= = ))|(?<keyword>\b(?:module|attributes|return|loc|private)\b)|(?<quantity>\b\d[\w.]*)/g,
  weir: /(?<comment>#.*)|(?<string>"[^"]*")|(?<keyword>\b(?:weir|import|let|net|fn|train|sweep|quantize|for|in|if|else|return|not|and|or|true|false)\b)|(?<op>\b[a-z_]\w*(?=\())|(?<attribute>\b\w+(?=:))|(?<quantity>\b\d[\d.]*)/g,
  loops: /(?<comment>\/\/.*)|(?<string>"[^"]*")|(?<keyword>\b(?:for|parallel|vectorized|unrolled|let|in|if|then|else|allocate|free|produce|consume|module|func|gpu_block|gpu_thread|hoist_storage)\b)|(?<type>\b(?:float|int|uint|bool)\d+(?:x\d+)?\b)|(?<quantity>\b\d[\w.]*)/g,
  assembly: /(?<comment>[#;].*|\/\/.*)|(?<op>^\s*[a-z]\w*(?:\.[\w.]+)*)|(?<value>[%][a-z][\w.]*)|(?<keyword>^[\w.$]+:)|(?<attribute>\$-?\w+)|(?<type>\.\w+)/g,
};

function escapeText(text) {
  return text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
}

function coloured(text, language) {
  if (text.length > 4000) return escapeText(text); // constants: no syntax to see
  let html = "", last = 0;
  for (const match of text.matchAll(languages[language])) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    html += escapeText(text.slice(last, match.index)) + `<span class="${kind}">${escapeText(match[0])}</span>`;
    last = match.index + match[0].length;
  }
  return html + escapeText(text.slice(last));
}
