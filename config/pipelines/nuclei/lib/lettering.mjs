/**
 * Letters as lines on a grid: x from 0 to 4, y from 0 (foot of capitals) to 6 (their top); small letters are 4 high and reach down to -2.
 * Strokes are divided by blanks, points of a stroke by commas.
 */
const STROKES = {
  0: '1 0,0 1,0 5,1 6,3 6,4 5,4 1,3 0,1 0',
  1: '1 5,2 6,2 0|1 0,3 0',
  2: '0 5,1 6,3 6,4 5,4 4,0 0,4 0',
  3: '0 5,1 6,3 6,4 5,4 4,3 3,4 2,4 1,3 0,1 0,0 1|1.5 3,3 3',
  4: '3 0,3 6,0 2,4 2',
  5: '4 6,0 6,0 3.4,1 4,3 4,4 3,4 1,3 0,1 0,0 1',
  6: '3.5 6,1.5 6,0 4,0 1,1 0,3 0,4 1,4 2.5,3 3.5,1 3.5,0 2.5',
  7: '0 6,4 6,1.5 0',
  8: '1 3,0 4,0 5,1 6,3 6,4 5,4 4,3 3,1 3,0 2,0 1,1 0,3 0,4 1,4 2,3 3',
  9: '0.5 0,2.5 0,4 2,4 5,3 6,1 6,0 5,0 3.5,1 2.5,3 2.5,4 3.5',
  a: '3.5 4,3.5 0|3.5 1,2.5 0,1 0,0 1,0 3,1 4,2.5 4,3.5 3',
  b: '0 6,0 0|0 1,1 0,2.5 0,3.5 1,3.5 3,2.5 4,1 4,0 3',
  c: '3.5 3.2,2.7 4,1 4,0 3,0 1,1 0,2.7 0,3.5 0.8',
  d: '3.5 6,3.5 0|3.5 1,2.5 0,1 0,0 1,0 3,1 4,2.5 4,3.5 3',
  e: '0 2,3.5 2,3.5 3,2.5 4,1 4,0 3,0 1,1 0,3 0',
  f: '2.5 6,1.8 6,1 5.2,1 0|0 4,2.3 4',
  i: '0.5 4,0.5 0|0.5 5.6,0.5 5.7',
  l: '0.5 6,0.5 0',
  m: '0 4,0 0|0 3,1 4,1.6 4,2.4 3.2,2.4 0|2.4 3,3.4 4,4 4,4.8 3.2,4.8 0',
  n: '0 4,0 0|0 3,1 4,2.5 4,3.5 3,3.5 0',
  o: '1 0,0 1,0 3,1 4,2.5 4,3.5 3,3.5 1,2.5 0,1 0',
  p: '0 4,0 -2|0 1,1 0,2.5 0,3.5 1,3.5 3,2.5 4,1 4,0 3',
  r: '0 4,0 0|0 2.8,1 4,2.2 4',
  s: '3.2 3.4,2.4 4,0.9 4,0.1 3.2,0.8 2.3,2.6 1.8,3.3 0.9,2.5 0,0.9 0,0 0.7',
  u: '0 4,0 1,1 0,2.5 0,3.5 1|3.5 4,3.5 0',
  x: '0 4,3.5 0|3.5 4,0 0',
};

const GAP = 1.5;
const BLANK = 2;

/**
 * A line of text as an SVG path.
 * @param {string} text digits, blanks and the small letters above. @param {number} x @param {number} y of its foot.
 * @param {{ size: number, anchor: 'start' | 'middle' | 'end', colour: string }} style size is the height of digits, in pixels.
 */
export function lettering(text, x, y, { size, anchor, colour }) {
  const scale = size / 6;
  let pen = 0;
  const placed = text.split('').map((letter) => {
    const strokes = strokesOf(letter);
    const at = pen;
    pen += (strokes.length === 0 ? BLANK : Math.max(...strokes.flat().map(([across]) => across))) + GAP;
    return { at, strokes };
  });
  const width = (pen - GAP) * scale;
  const left = anchor === 'end' ? x - width : anchor === 'middle' ? x - width / 2 : x;
  const point = (at, [across, up]) => `${(left + (at + across) * scale).toFixed(2)} ${(y - up * scale).toFixed(2)}`;
  const path = placed
    .flatMap(({ at, strokes }) => strokes.map((stroke) => `M${stroke.map((place) => point(at, place)).join('L')}`))
    .join('');
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${(size / 8).toFixed(2)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}

function strokesOf(letter) {
  const strokes = STROKES[letter];
  if (strokes === undefined) return [];
  return strokes.split('|').map((stroke) => stroke.split(',').map((place) => place.split(' ').map(Number)));
}
