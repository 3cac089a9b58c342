/**
 * Connected regions of equal truth.
 * @param {Uint8Array} mask @param {0 | 1} wanted which pixels form regions.
 * @param {boolean} diagonal whether pixels that touch at a corner belong together.
 * @returns {{ labels: Int32Array, areas: number[], atEdge: boolean[] }} labels from 1; 0 elsewhere. Lists begin at label 0.
 */
export function regions(mask, width, height, wanted, diagonal) {
  const labels = new Int32Array(mask.length);
  const stack = new Int32Array(mask.length);
  const areas = [0];
  const atEdge = [false];
  for (let start = 0; start < mask.length; start += 1) {
    if (mask[start] !== wanted || labels[start] !== 0) continue;
    const label = areas.length;
    const found = flood(start, label);
    areas.push(found.area);
    atEdge.push(found.edge);
  }
  return { labels, areas, atEdge };

  function flood(start, label) {
    let [height0, area, edge] = [1, 0, false];
    stack[0] = start;
    labels[start] = label;
    while (height0 > 0) {
      const at = stack[--height0];
      const x = at % width;
      const y = (at - x) / width;
      area += 1;
      edge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      for (let row = y > 0 ? -1 : 0; row <= (y < height - 1 ? 1 : 0); row += 1) {
        for (let column = x > 0 ? -1 : 0; column <= (x < width - 1 ? 1 : 0); column += 1) {
          if (!diagonal && row !== 0 && column !== 0) continue;
          const next = at + row * width + column;
          if (mask[next] !== wanted || labels[next] !== 0) continue;
          labels[next] = label;
          stack[height0++] = next;
        }
      }
    }
    return { area, edge };
  }
}

/** Fills, in place, holes of at most `most` pixels: larger ones are gaps between nuclei. */
export function fillHoles(mask, width, height, most) {
  const holes = regions(mask, width, height, 0, false);
  for (let at = 0; at < mask.length; at += 1) {
    const hole = holes.labels[at];
    if (hole !== 0 && !holes.atEdge[hole] && holes.areas[hole] <= most) mask[at] = 1;
  }
}

/**
 * Numbers regions anew from 1, in the order of reading, without those that are too small, too large or (if asked) cut by the edge.
 * @returns {{ labels: Int32Array, count: number }}
 */
export function selectRegions(labels, width, height, { minArea, maxArea, dropEdge }) {
  const areas = new Map();
  const cut = new Set();
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    if (label === 0) continue;
    areas.set(label, (areas.get(label) ?? 0) + 1);
    const x = at % width;
    if (dropEdge && (x === 0 || x === width - 1 || at < width || at >= labels.length - width)) cut.add(label);
  }
  const numbers = new Map();
  const selected = new Int32Array(labels.length);
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    const area = areas.get(label) ?? 0;
    if (label === 0 || area < minArea || (maxArea > 0 && area > maxArea) || cut.has(label)) continue;
    if (!numbers.has(label)) numbers.set(label, numbers.size + 1);
    selected[at] = numbers.get(label);
  }
  return { labels: selected, count: numbers.size };
}
