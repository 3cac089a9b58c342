/**
 * Exact Euclidean distance of each pixel of a mask to the nearest pixel outside it, by lower envelopes of parabolas (Felzenszwalb and
 * Huttenlocher 2012); linear in the number of pixels. The edge of the image is no outside.
 * @param {Uint8Array} mask @returns {Float32Array} 0 outside.
 */
export function distanceTransform(mask, width, height) {
  const far = width * width + height * height;
  const squares = new Float32Array(mask.length);
  for (let at = 0; at < mask.length; at += 1) squares[at] = mask[at] === 0 ? 0 : far;
  const longest = Math.max(width, height);
  const work = {
    line: new Float64Array(longest),
    result: new Float64Array(longest),
    vertex: new Int32Array(longest),
    from: new Float64Array(longest + 1),
  };
  for (let x = 0; x < width; x += 1) transformLine(squares, x, width, height, work);
  for (let y = 0; y < height; y += 1) transformLine(squares, y * width, 1, width, work);
  for (let at = 0; at < squares.length; at += 1) squares[at] = Math.sqrt(squares[at]);
  return squares;
}

/** One row or column, in place: the lower envelope of the parabolas that stand on its pixels. */
function transformLine(squares, start, stride, length, { line, result, vertex, from }) {
  for (let at = 0; at < length; at += 1) line[at] = squares[start + at * stride];
  let last = 0;
  vertex[0] = 0;
  from[0] = Number.NEGATIVE_INFINITY;
  from[1] = Number.POSITIVE_INFINITY;
  for (let at = 1; at < length; at += 1) {
    let cut = meet(line, vertex[last], at);
    while (cut <= from[last]) {
      last -= 1;
      cut = meet(line, vertex[last], at);
    }
    last += 1;
    vertex[last] = at;
    from[last] = cut;
    from[last + 1] = Number.POSITIVE_INFINITY;
  }
  let current = 0;
  for (let at = 0; at < length; at += 1) {
    while (from[current + 1] < at) current += 1;
    const away = at - vertex[current];
    result[at] = away * away + line[vertex[current]];
  }
  for (let at = 0; at < length; at += 1) squares[start + at * stride] = result[at];
}

/** Where the parabola on `later` comes below the one on `earlier`. */
function meet(line, earlier, later) {
  return (line[later] + later * later - line[earlier] - earlier * earlier) / (2 * (later - earlier));
}
