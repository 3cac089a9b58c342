const FIRST = 4096;

/** Numbers of which nobody knows beforehand how many there will be. */
export class GrowingFloats {
  private array = new Float64Array(FIRST);
  length = 0;

  push(value: number): void {
    if (this.length === this.array.length) this.array = grown(this.array, new Float64Array(this.length * 2));
    this.array[this.length] = value;
    this.length += 1;
  }

  /** Every second one goes, from the second on. */
  thin(): void {
    for (let index = 0; index * 2 < this.length; index += 1) this.array[index] = this.array[index * 2];
    this.length = Math.ceil(this.length / 2);
  }

  /** All of them, in place. */
  values(): Float64Array {
    return this.array.subarray(0, this.length);
  }
}

/** As `GrowingFloats`, for whole numbers below 2 to the 32nd. */
export class GrowingWords {
  private array = new Uint32Array(FIRST);
  length = 0;

  push(value: number): void {
    if (this.length === this.array.length) this.array = grown(this.array, new Uint32Array(this.length * 2));
    this.array[this.length] = value;
    this.length += 1;
  }

  values(): Uint32Array {
    return this.array.subarray(0, this.length);
  }

  at(index: number): number {
    return this.array[index];
  }

  set(index: number, value: number): void {
    this.array[index] = value;
  }
}

/** Texts as bytes in one piece; each is known by its number. */
export class TextHeap {
  private bytes = new Uint8Array(FIRST);
  private readonly ends = new GrowingWords();
  private size = 0;

  get count(): number {
    return this.ends.length;
  }

  push(bytes: ArrayLike<number>, from: number, to: number): void {
    const length = to - from;
    if (this.size + length > this.bytes.length) this.bytes = grown(this.bytes, new Uint8Array((this.size + length) * 2));
    const target = this.bytes;
    for (let index = 0; index < length; index += 1) target[this.size + index] = bytes[from + index];
    this.size += length;
    this.ends.push(this.size);
  }

  /** All bytes, and where each text begins: one more place than there are texts. */
  parts(): { bytes: Uint8Array; starts: Uint32Array } {
    const starts = new Uint32Array(this.ends.length + 1);
    starts.set(this.ends.values(), 1);
    return { bytes: this.bytes, starts };
  }
}

function grown<A extends Float64Array | Uint32Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old);
  return larger;
}
