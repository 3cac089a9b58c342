import type { TextHeap } from './growing';

const BUCKETS = 65_536;
const SIGN = 0x8000_0000;
const ALL = 0xffff_ffff;
/** Characters that one number holds: 257 to the sixth is below 2 to the 53rd. */
const PACKED = 6;
const BASE = 257;
/** Shorter stretches are sorted by comparing. */
const FEW = 48;

/**
 * The order of numbers from the smallest to the largest; equal ones stay as they are.
 * @returns their places in `values`.
 */
export function orderOfNumbers(values: Float64Array): Uint32Array {
  const { length } = values;
  const words = new Uint32Array(length * 2);
  new Float64Array(words.buffer).set(values);
  for (let index = 0; index < length; index += 1) {
    // Minus zero and zero are the same number.
    if (values[index] === 0) words[index * 2 + 1] = 0;
    const isNegative = words[index * 2 + 1] >= SIGN;
    words[index * 2] ^= isNegative ? ALL : 0;
    words[index * 2 + 1] ^= isNegative ? ALL : SIGN;
  }
  let order = new Uint32Array(length);
  let other = new Uint32Array(length);
  for (let index = 0; index < length; index += 1) order[index] = index;
  for (const half of [0, 1]) {
    for (const shift of [0, 16]) {
      if (sortByPart(words, half, shift, order, other)) [order, other] = [other, order];
    }
  }
  return order;
}

/** One pass of a radix sort. @returns false when there is nothing to do, because all have the same part. */
function sortByPart(words: Uint32Array, half: number, shift: number, from: Uint32Array, to: Uint32Array): boolean {
  const counts = new Uint32Array(BUCKETS);
  const { length } = from;
  for (let index = 0; index < length; index += 1) counts[(words[index * 2 + half] >>> shift) & 0xffff] += 1;
  if (length === 0 || counts[(words[half] >>> shift) & 0xffff] === length) return false;
  for (let bucket = 0, sum = 0; bucket < BUCKETS; bucket += 1) {
    const count = counts[bucket];
    counts[bucket] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index += 1) {
    const place = from[index];
    const bucket = (words[place * 2 + half] >>> shift) & 0xffff;
    to[counts[bucket]] = place;
    counts[bucket] += 1;
  }
  return true;
}

/** The order of texts by their bytes, which is that of their characters; equal ones stay as they are. @returns their numbers. */
export function orderOfTexts(heap: TextHeap): Uint32Array {
  const order = new Uint32Array(heap.count);
  for (let index = 0; index < order.length; index += 1) order[index] = index;
  const { bytes, starts } = heap.parts();
  const texts = new Texts(bytes, starts);
  const stretches: [from: number, to: number, depth: number][] = [[0, order.length, 0]];
  for (let stretch = stretches.pop(); stretch; stretch = stretches.pop()) {
    const [from, to, above] = stretch;
    const part = order.subarray(from, to);
    if (part.length <= FEW) {
      part.sort((one, other) => texts.compare(one, other, above) || one - other);
      continue;
    }
    const depth = above + texts.common(part, above);
    const keys = Float64Array.from(part, (text) => texts.packed(text, depth));
    const places = orderOfNumbers(keys);
    part.set(places.map((place) => part[place]));
    for (let begin = 0; begin < part.length;) {
      const key = keys[places[begin]];
      let end = begin + 1;
      while (end < part.length && keys[places[end]] === key) end += 1;
      // One that ends here is equal to its neighbours.
      if (end - begin > 1 && key % BASE !== 0) stretches.push([from + begin, from + end, depth + PACKED]);
      begin = end;
    }
  }
  return order;
}

class Texts {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly starts: Uint32Array,
  ) {}

  /** How many bytes all have in common from a depth on. */
  common(texts: Uint32Array, depth: number): number {
    const first = this.starts[texts[0]] + depth;
    let common = this.starts[texts[0] + 1] - first;
    for (const text of texts) {
      const start = this.starts[text] + depth;
      common = Math.min(common, this.starts[text + 1] - start);
      for (let index = 0; index < common; index += 1) if (this.bytes[start + index] !== this.bytes[first + index]) common = index;
      if (common <= 0) return 0;
    }
    return common;
  }

  /** The next characters as one number; a text that has ended comes before all others. */
  packed(text: number, depth: number): number {
    const start = this.starts[text] + depth;
    const end = this.starts[text + 1];
    let key = 0;
    for (let index = 0; index < PACKED; index += 1) key = key * BASE + (start + index < end ? this.bytes[start + index] + 1 : 0);
    return key;
  }

  compare(one: number, other: number, depth: number): number {
    const [from, to] = [this.starts[one] + depth, this.starts[one + 1]];
    const [otherFrom, otherTo] = [this.starts[other] + depth, this.starts[other + 1]];
    const length = Math.min(to - from, otherTo - otherFrom);
    for (let index = 0; index < length; index += 1) {
      const difference = this.bytes[from + index] - this.bytes[otherFrom + index];
      if (difference !== 0) return difference;
    }
    return to - from - (otherTo - otherFrom);
  }
}
