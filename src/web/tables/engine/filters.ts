import type { CellReader } from './cells';
import type { Units } from './scanner';

/** What people type above a column; numbers are compared as numbers where both sides are. */
export type Condition =
  | { kind: 'contains'; text: string }
  | { kind: 'equals'; text: string; not: boolean }
  | { kind: 'range'; /** Null: no bound. */ low: number | null; high: number | null; withLow: boolean; withHigh: boolean };

export interface Filter {
  /** From 0. */
  column: number;
  condition: Condition;
}

const RANGE = /^(\S*?)\s*\.\.\s*(\S*)$/;
const COMPARED = /^(>=|<=|>|<|≥|≤)\s*(\S+)$/;
const EQUALS = /^(!=|=|≠)\s*(.*)$/s;
const LITERAL = /^"(.*)"$/s;

/**
 * `> 5`, `<= 5`, `2..9`, `..9`, `= word`, `!= word`, `=` (empty), `!=` (not empty); anything else is contained, letter case aside, and
 * `"= word"` in quotes is so too.
 * @returns null for nothing; undefined where a number was meant and is none.
 */
export function parseCondition(typed: string): Condition | null | undefined {
  const words = typed.trim();
  if (words === '') return null;
  const equals = EQUALS.exec(words);
  if (equals) return { kind: 'equals', text: equals[2].trim(), not: equals[1] !== '=' };
  const compared = COMPARED.exec(words);
  if (compared) return comparison(compared[1], numberOf(compared[2]));
  const range = RANGE.exec(words);
  if (range && (range[1] !== '' || range[2] !== '')) {
    const low = range[1] === '' ? null : numberOf(range[1]);
    const high = range[2] === '' ? null : numberOf(range[2]);
    // Two dots stand in words, too.
    if (!Number.isNaN(low) && !Number.isNaN(high)) return { kind: 'range', low, high, withLow: true, withHigh: true };
  }
  return { kind: 'contains', text: LITERAL.exec(words)?.[1] ?? words };
}

/** As somebody would type it. */
export function conditionWords(condition: Condition): string {
  switch (condition.kind) {
    case 'contains':
      return parseCondition(condition.text)?.kind === 'contains' && !LITERAL.test(condition.text) ? condition.text : `"${condition.text}"`;
    case 'equals':
      return `${condition.not ? '!=' : '='} ${condition.text}`.trim();
    case 'range': {
      const { low, high, withLow, withHigh } = condition;
      if (low === null) return withHigh ? `<= ${high}` : `< ${high}`;
      if (high === null) return withLow ? `>= ${low}` : `> ${low}`;
      return `${low}..${high}`;
    }
  }
}

function comparison(sign: string, bound: number): Condition | undefined {
  if (Number.isNaN(bound)) return undefined;
  const isWith = sign !== '>' && sign !== '<';
  return sign === '>' || sign === '>=' || sign === '≥'
    ? { kind: 'range', low: bound, high: null, withLow: isWith, withHigh: true }
    : { kind: 'range', low: null, high: bound, withLow: true, withHigh: isWith };
}

function numberOf(words: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(words) ? Number(words) : NaN;
}

/** Whether a cell meets a condition. */
export type CellTest = (units: Units, from: number, to: number, isQuoted: boolean) => boolean;

export function cellTest(condition: Condition, cells: CellReader): CellTest {
  if (condition.kind === 'range') return rangeTest(condition, cells);
  if (condition.kind === 'equals') return equalsTest(condition, cells);
  const sought = condition.text.toLowerCase();
  return (units, from, to, isQuoted) => cells.text(units, from, to, isQuoted).toLowerCase().includes(sought);
}

function rangeTest(range: Extract<Condition, { kind: 'range' }>, cells: CellReader): CellTest {
  const { withLow, withHigh } = range;
  const [low, high] = [range.low ?? -Infinity, range.high ?? Infinity];
  return (units, from, to) => {
    if (cells.kind(units, from, to) !== 'number') return false;
    const { value } = cells;
    return (withLow ? value >= low : value > low) && (withHigh ? value <= high : value < high);
  };
}

function equalsTest({ text, not }: Extract<Condition, { kind: 'equals' }>, cells: CellReader): CellTest {
  const number = numberOf(text);
  return (units, from, to, isQuoted) => {
    const kind = cells.kind(units, from, to);
    if (text === '') return (kind === 'empty') !== not;
    const isSame =
      kind === 'number' && !Number.isNaN(number) ? cells.value === number : cells.text(units, from, to, isQuoted).trim() === text;
    return isSame !== not;
  };
}

/** All conditions of a selection, told of the cells of a row in their order. */
export class RowTest {
  readonly columns: number[];
  private readonly tests: CellTest[][] = [];
  private passed = true;
  private readonly nothing = new Uint8Array(0);

  constructor(
    filters: readonly Filter[],
    private readonly cells: CellReader,
  ) {
    this.columns = [...new Set(filters.map(({ column }) => column))].sort((one, other) => one - other);
    for (const { column, condition } of filters) (this.tests[column] ??= []).push(cellTest(condition, this.cells));
  }

  cell(column: number, units: Units, from: number, to: number, isQuoted: boolean): void {
    const tests = this.passed ? this.tests[column] : undefined;
    if (!tests) return;
    for (const test of tests) this.passed &&= test(units, from, to, isQuoted);
  }

  /** @param columns how many cells the row has; the others are empty. @returns whether it passed; the next row begins anew. */
  end(columns: number): boolean {
    for (let index = this.columns.length - 1; index >= 0 && this.columns[index] >= columns; index -= 1) {
      this.cell(this.columns[index], this.nothing, 0, 0, false);
    }
    const { passed } = this;
    this.passed = true;
    return passed;
  }
}
