const LEVELS = 4096;

/**
 * Places in a mask that are higher than all around, highest first, and none nearer than `distance` to a higher one that was taken.
 * @param {Float32Array} heights @returns {number[]} indices of pixels.
 */
export function peaks(heights, mask, width, height, distance) {
  const found = [];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      if (mask[at] !== 0 && isPeak(heights, at, x, y, width, height)) found.push(at);
    }
  }
  found.sort((one, other) => heights[other] - heights[one]);
  return keepApart(found, width, distance);
}

/** Of a plateau every pixel is one; `keepApart` leaves one of them. */
function isPeak(heights, at, x, y, width, height) {
  for (let row = y > 0 ? -1 : 0; row <= (y < height - 1 ? 1 : 0); row += 1) {
    for (let column = x > 0 ? -1 : 0; column <= (x < width - 1 ? 1 : 0); column += 1) {
      if (heights[at + row * width + column] > heights[at]) return false;
    }
  }
  return true;
}

/** Looks only at the squares around a place, so that tens of thousands of peaks are no work. */
function keepApart(found, width, distance) {
  const squares = new Map();
  const kept = [];
  const key = (column, row) => column * 1_000_003 + row;
  for (const at of found) {
    const [x, y] = [at % width, Math.floor(at / width)];
    const [column, row] = [Math.floor(x / distance), Math.floor(y / distance)];
    let free = true;
    for (let dx = -1; dx <= 1 && free; dx += 1) {
      for (let dy = -1; dy <= 1 && free; dy += 1) {
        const others = squares.get(key(column + dx, row + dy)) ?? [];
        free = others.every(([otherX, otherY]) => (otherX - x) ** 2 + (otherY - y) ** 2 >= distance * distance);
      }
    }
    if (!free) continue;
    kept.push(at);
    const here = squares.get(key(column, row)) ?? [];
    here.push([x, y]);
    squares.set(key(column, row), here);
  }
  return kept;
}

/**
 * Grows seeds downhill over a mask until they meet (Meyer's flooding, with one queue for each of 4096 levels).
 * @param {Float32Array} heights seeds stand on their peaks. @param {number[]} seeds indices of pixels.
 * @returns {Int32Array} labels from 1; 0 outside the mask and in parts of it without a seed.
 */
export function watershed(heights, mask, width, height, seeds) {
  const labels = new Int32Array(mask.length);
  const queue = new LevelQueue(mask.length, heights, mask);
  seeds.forEach((at, index) => {
    labels[at] = index + 1;
    queue.push(at);
  });
  for (let at = queue.pop(); at !== -1; at = queue.pop()) {
    const x = at % width;
    const y = (at - x) / width;
    if (x > 0) visit(at - 1, labels[at]);
    if (x < width - 1) visit(at + 1, labels[at]);
    if (y > 0) visit(at - width, labels[at]);
    if (y < height - 1) visit(at + width, labels[at]);
  }
  return labels;

  function visit(at, label) {
    if (mask[at] === 0 || labels[at] !== 0) return;
    labels[at] = label;
    queue.push(at);
  }
}

/**
 * Joins neighbouring parts between which there is hardly a notch: the highest pass first, as long as it is at least `notch` times as high
 * as the lower of the two peaks.
 * @param {Int32Array} labels of `watershed`. @returns {Int32Array} the same array, with fewer labels.
 */
export function joinParts(labels, heights, width, notch) {
  const { tops, passes } = landscape(labels, heights, width);
  const parents = tops.map((_, label) => label);
  const rootOf = (label) => {
    let root = label;
    while (parents[root] !== root) root = parents[root];
    return root;
  };
  for (const [one, other, pass] of passes.sort((left, right) => right[2] - left[2])) {
    const [first, second] = [rootOf(one), rootOf(other)];
    if (first === second || pass < notch * Math.min(tops[first], tops[second])) continue;
    const [higher, lower] = tops[first] >= tops[second] ? [first, second] : [second, first];
    parents[lower] = higher;
  }
  for (let at = 0; at < labels.length; at += 1) if (labels[at] !== 0) labels[at] = rootOf(labels[at]);
  return labels;
}

/** The highest place of each part, and of each border between two parts. */
function landscape(labels, heights, width) {
  const tops = [0];
  const passes = new Map();
  const meet = (at, next) => {
    const [one, other] = labels[at] < labels[next] ? [labels[at], labels[next]] : [labels[next], labels[at]];
    if (one === 0 || one === other) return;
    const key = one * 2 ** 26 + other;
    const pass = Math.min(heights[at], heights[next]);
    if (pass > (passes.get(key)?.[2] ?? -1)) passes.set(key, [one, other, pass]);
  };
  for (let at = 0; at < labels.length; at += 1) {
    const label = labels[at];
    if (label === 0) continue;
    tops[label] = Math.max(tops[label] ?? 0, heights[at]);
    if ((at + 1) % width !== 0) meet(at, at + 1);
    if (at + width < labels.length) meet(at, at + width);
  }
  return { tops: Array.from(tops, (top) => top ?? 0), passes: [...passes.values()] };
}

/** Pixels by height, first in first out within a level: lists that run through one array. */
class LevelQueue {
  constructor(size, heights, mask) {
    let most = 0;
    for (let at = 0; at < size; at += 1) if (mask[at] !== 0 && heights[at] > most) most = heights[at];
    this.heights = heights;
    this.scale = most > 0 ? (LEVELS - 1) / most : 0;
    this.next = new Int32Array(size).fill(-1);
    this.first = new Int32Array(LEVELS).fill(-1);
    this.last = new Int32Array(LEVELS).fill(-1);
    this.level = LEVELS - 1;
  }

  push(at) {
    // What lies higher than the present water level is flooded at once.
    const level = Math.min(LEVELS - 1, Math.max(0, Math.floor(this.heights[at] * this.scale)));
    if (this.first[level] === -1) this.first[level] = at;
    else this.next[this.last[level]] = at;
    this.last[level] = at;
    if (level > this.level) this.level = level;
  }

  pop() {
    while (this.level >= 0 && this.first[this.level] === -1) this.level -= 1;
    if (this.level < 0) return -1;
    const at = this.first[this.level];
    this.first[this.level] = this.next[at];
    this.next[at] = -1;
    return at;
  }
}
