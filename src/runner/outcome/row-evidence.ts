/** What a program calls a row. */
export interface RowKeys {
  key: string;
  failedKey?: string;
}

export interface RowFailure {
  reason: string;
  /** Byte of the log. */
  at: number;
}

const LONGEST_REASON = 300;
/** Of more rows none is looked for inside of what a program says. */
const MOST_SOUGHT = 2000;

/** What a log tells of rows, by their place in the list. */
export class RowEvidence {
  readonly done = new Set<number>();
  readonly failures = new Map<number, RowFailure>();
  private readonly byKey = new Map<string, number>();
  private readonly byFailedKey = new Map<string, number>();

  constructor(private readonly rows: readonly RowKeys[]) {
    for (const [index, { key, failedKey }] of rows.entries()) {
      if (!this.byKey.has(key.trim())) this.byKey.set(key.trim(), index);
      const name = (failedKey ?? key).trim();
      if (!this.byFailedKey.has(name)) this.byFailedKey.set(name, index);
    }
  }

  /** @returns whether it is known which row is meant. */
  ok({ row = '' }: Record<string, string>): boolean {
    const index = this.byKey.get(row.trim());
    if (index !== undefined) this.done.add(index);
    return index !== undefined;
  }

  /** @returns as `ok`. */
  failed({ row = '', reason = '' }: Record<string, string>, at: number): boolean {
    const index = this.byFailedKey.get(row.trim()) ?? this.inside(row);
    if (index === undefined) return false;
    if (!this.failures.has(index)) this.failures.set(index, { reason: reason.trim().slice(0, LONGEST_REASON), at });
    return true;
  }

  /** Programs tell of a row by all that stands in it: then it is the one of the longest name that occurs, if that is one. */
  private inside(said: string): number | undefined {
    if (this.rows.length > MOST_SOUGHT) return undefined;
    let longest = 0;
    let found: number | undefined;
    for (const [name, index] of this.byFailedKey) {
      if (name === '' || name.length < longest || !said.includes(name)) continue;
      found = name.length === longest ? undefined : index;
      longest = name.length;
    }
    return found;
  }
}
