/**
 * Style sheets as they are sent: without what no page can use, and without comments. A rule of a framework stays when each class of its
 * selector is a word somewhere in the templates or the code, or begins as one that is put together there.
 */

const CLASS = /\.(-?[A-Za-z_](?:[\w-]|\\.)*)/g;

/**
 * @param {string} css minified, without comments.
 * @param {string} sources all that can name a class: templates and code.
 * @returns {string}
 */
export function usedRules(css, sources) {
  const words = new Set(sources.match(/[A-Za-z_][\w-]*/g));
  // `btn-{{kind}}` in a template; `btn-${kind}` and 'btn-' + kind in code.
  const joined = sources.matchAll(/([A-Za-z_][\w-]*-)(?:\{\{|\$\{|['"] \+)/g);
  const beginnings = [...new Set([...joined].map(([, beginning]) => beginning))];
  const isUsed = (name) => words.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  return rulesOf(css, isUsed);
}

/** @returns {string} without pictures that stand in the sheet itself, which the content policy of the pages refuses. */
export function withoutOwnPictures(css) {
  return css.replaceAll(/[\w-]+:url\("data:[^"]*"\)(?:;|(?=\}))/g, '');
}

/** @returns {string} without comments, line breaks and indentation. */
export function withoutComments(css) {
  return css
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};]) ?/g, '$1')
    .trim();
}

function rulesOf(css, isUsed) {
  let kept = '';
  for (const { head, body } of blocksOf(css)) {
    if (body === null || /^@(font-face|keyframes|-webkit-keyframes|property)/.test(head))
      kept += body === null ? `${head};` : `${head}{${body}}`;
    else if (head.startsWith('@')) {
      const inner = rulesOf(body, isUsed);
      if (inner !== '') kept += `${head}{${inner}}`;
    } else {
      const selectors = selectorsOf(head).filter((selector) => classesOf(selector).every(isUsed));
      if (selectors.length > 0) kept += `${selectors.join(',')}{${body}}`;
    }
  }
  return kept;
}

/** Those that an element must have. */
function classesOf(selector) {
  return [...selector.replaceAll(/:not\([^()]*\)/g, '').matchAll(CLASS)].map(([, name]) => name.replaceAll('\\', ''));
}

/** Blocks of one level; `body` is null for a statement such as `@charset`. */
function* blocksOf(css) {
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf('{', at);
    const end = css.indexOf(';', at);
    if (end !== -1 && (open === -1 || end < open)) {
      yield { head: css.slice(at, end), body: null };
      at = end + 1;
      continue;
    }
    if (open === -1) return;
    let depth = 1;
    let close = open;
    while (depth > 0) {
      close += 1;
      if (css[close] === '{') depth += 1;
      else if (css[close] === '}') depth -= 1;
      else if (css[close] === undefined) throw new Error(`A block of a style sheet has no end: ${css.slice(at, open)}`);
    }
    yield { head: css.slice(at, open), body: css.slice(open + 1, close) };
    at = close + 1;
  }
}

/** Parts between commas that stand in no parentheses, as in `:not(.a,.b)`. */
function selectorsOf(head) {
  const selectors = [''];
  let depth = 0;
  for (const character of head) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) selectors.push('');
    else selectors[selectors.length - 1] += character;
  }
  return selectors;
}
