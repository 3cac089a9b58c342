import type { Dialect } from '../dialect';
import { GrowingWords } from '../growing';
import type { RowVisitor, Units } from '../scanner';
import { TooMuch } from '../select-task';
import { MOST_ROWS_IN_MEMORY } from '../tasks';
import { CellWords, EMPTY } from './cell-words';

const FIRST_SLOTS = 8192;
/** Is added to the kind of a key that several rows have. */
const REPEATED = 4;

/** The keys of a table: finds the row of a key, and knows keys that several rows have. Fills itself by a scan of the key column. */
export class KeyIndex implements RowVisitor {
  readonly wanted: number[];
  private readonly present: CellWords;
  private readonly lows = new GrowingWords();
  private readonly highs = new GrowingWords();
  /** What each key is, and whether another row has it. */
  private readonly kinds = new GrowingWords();
  /** Rows by the hash of their keys, from 1; 0 for none. */
  private slots = new Uint32Array(FIRST_SLOTS);
  private used = 0;

  constructor(dialect: Dialect, column: number) {
    this.present = new CellWords(dialect);
    this.wanted = [column];
  }

  get rows(): number {
    return this.kinds.length;
  }

  cell(_column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    this.present.read(units, from, to, isQuoted, true);
  }

  row(): boolean {
    const { kind, low, high } = this.present;
    const row = this.rows;
    if (row === MOST_ROWS_IN_MEMORY) throw new TooMuch();
    this.lows.push(low);
    this.highs.push(high);
    this.kinds.push(kind);
    if (kind !== EMPTY) this.insert(row, kind, low, high);
    this.present.clear();
    return false;
  }

  isNameless(row: number): boolean {
    return this.kinds.at(row) === EMPTY;
  }

  isRepeated(row: number): boolean {
    return this.kinds.at(row) > REPEATED;
  }

  /** The first row of this table with the key of a row of another one; -1 for none. */
  rowLike(other: KeyIndex, row: number): number {
    const kind = other.kinds.at(row) % REPEATED;
    return kind === EMPTY ? -1 : this.find(kind, other.lows.at(row), other.highs.at(row));
  }

  private insert(row: number, kind: number, low: number, high: number): void {
    const same = this.find(kind, low, high);
    if (same >= 0) {
      this.kinds.set(same, kind + REPEATED);
      this.kinds.set(row, kind + REPEATED);
      return;
    }
    if (this.used * 2 >= this.slots.length) this.grow();
    this.place(row, kind, low, high);
    this.used += 1;
  }

  private place(row: number, kind: number, low: number, high: number): void {
    const mask = this.slots.length - 1;
    let slot = slotOf(kind, low, high) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = row + 1;
  }

  private find(kind: number, low: number, high: number): number {
    const mask = this.slots.length - 1;
    for (let slot = slotOf(kind, low, high) & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const row = this.slots[slot] - 1;
      if (this.lows.at(row) === low && this.highs.at(row) === high && this.kinds.at(row) % REPEATED === kind) return row;
    }
    return -1;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    const [lows, highs, kinds] = [this.lows.values(), this.highs.values(), this.kinds.values()];
    for (const entry of old) if (entry !== 0) this.place(entry - 1, kinds[entry - 1] % REPEATED, lows[entry - 1], highs[entry - 1]);
  }
}

function slotOf(kind: number, low: number, high: number): number {
  let hash = Math.imul(low ^ kind, 0x9e37_79b1) ^ Math.imul(high, 0x85eb_ca77);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}
