import type { DataSource } from 'typeorm';
import { dialectOf } from '../../../src/common/database/dialect';

/** A row as it lies in its table; numbers of every width as text, so that a wider column tells the same. */
export type Row = Record<string, string | null>;

interface Column {
  name: string;
  type: string;
  /** Characters that it holds; null: any number. */
  length: number | null;
}

type Value = string | number | null;

/**
 * What columns mean that may not hold just anything, of the first row and of the second; the others get text with all kinds of letters,
 * or numbers.
 */
const MEANINGS: Record<string, readonly [Value, Value]> = {
  'users.kind': ['account', 'guest'],
  'queue.state': ['succeeded', 'queued'],
  'queue.starts': [1, 0],
  'queue.max_starts': [1, 3],
  'queue.handle': ['{"kind":"process","pid":4711,"startTicks":"815","host":"lab1","bootId":"boot-1"}', null],
  'queue.runner_name': ['dgx', null],
  'queue.cancel_requested_ms': [null, null],
  'queue.stop_reason': [null, null],
  'queue.exit_code': [0, null],
  'queue.started_ms': [1_760_000_000_000, null],
  'queue.finished_ms': [1_760_000_060_000, null],
  'queue.rank': [0, 0],
  'queue.due_ms': [null, null],
  'queue.doomed_ms': [null, null],
  'queue.engine': ['process', 'process'],
  'queue.pipeline_limit': [5, 5],
  'queue.available_ms': [1_760_000_000_000, 1],
  'queue.need_memory': [0, 0],
  'queue.need_gpus': [0, 0],
  'queue.need_cpu': [1000, 1000],
  'run_details.parameters': ['{"input":"a.tif"}', '{"input":"b \\"quoted\\".tif"}'],
  'run_details.manifest': ['{"title":"Nuclei"}', '{}'],
  'file_tasks.brief': ['{"paths":["a"]}', '{}'],
  'schedules.entries': ['{"sigma":"2"}', '{}'],
  'presets.entries': ['{"sigma":"2"}', '{}'],
  'sweeps.axes': ['[]', '[]'],
  'trash.names': ['["a.tif"]', '[]'],
  'cleanings.details': ['[]', '[]'],
  'pipeline_settings.access': ['"accounts"', null],
  'space_usage.details': ['', '{}'],
};
/** Written by triggers, by migrations, or by whoever migrates. */
const NOT_FILLED = new Set(['migrations', 'gate', 'run_events', 'sqlite_sequence']);

/**
 * Two rows for each number in every table that there is, whatever its columns are.
 * @param numbers that no earlier filling had, so that keys differ.
 */
export async function fillTables(dataSource: DataSource, ...numbers: number[]): Promise<void> {
  for (const table of await tablesOf(dataSource)) {
    if (NOT_FILLED.has(table)) continue;
    const columns = await columnsOf(dataSource, table);
    const rows = numbers.flatMap((number) => ([0, 1] as const).map((row) => columns.map((column) => valueFor(table, column, number, row))));
    const names = columns.map(({ name }) => `\`${name}\``).join(', ');
    const places = rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
    await dataSource.query(`INSERT INTO \`${table}\` (${names}) VALUES ${places}`, rows.flat());
  }
}

function valueFor(table: string, column: Column, number: number, row: 0 | 1): Value {
  const meaning = MEANINGS[`${table}.${column.name}`];
  return meaning ? meaning[row] : anything(table, column, number * 2 + row);
}

/** All that stands in all tables, but for what `migrations` says. */
export async function readTables(dataSource: DataSource): Promise<Map<string, Row[]>> {
  const all = new Map<string, Row[]>();
  for (const table of await tablesOf(dataSource)) {
    if (table === 'migrations' || table === 'sqlite_sequence') continue;
    const rows = await dataSource.query<Record<string, string | number | null>[]>(`SELECT * FROM \`${table}\``);
    const asText = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, told(value)])));
    all.set(
      table,
      asText.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    );
  }
  return all;
}

function told(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

/** Of each row what `columns` names, so that what a migration added does not count. */
export function only(rows: readonly Row[], columns: readonly string[]): string[] {
  return rows.map((row) => JSON.stringify(columns.map((name) => row[name]))).sort();
}

export async function tablesOf(dataSource: DataSource): Promise<string[]> {
  const statement =
    dialectOf(dataSource.options) === 'sqlite'
      ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
      : 'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name';
  return (await dataSource.query<{ name: string }[]>(statement)).map(({ name }) => name);
}

async function columnsOf(dataSource: DataSource, table: string): Promise<Column[]> {
  if (dialectOf(dataSource.options) === 'sqlite') {
    const rows = await dataSource.query<{ name: string; type: string }[]>(`PRAGMA table_info(${table})`);
    return rows.map(({ name, type }) => ({ name, type: type.toLowerCase(), length: lengthIn(type) }));
  }
  const rows = await dataSource.query<{ name: string; type: string }[]>(
    'SELECT column_name AS name, column_type AS type FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position',
    [table],
  );
  return rows.map(({ name, type }) => ({ name, type: type.toLowerCase(), length: lengthIn(type) }));
}

function lengthIn(type: string): number | null {
  const length = /char\((\d+)\)/i.exec(type)?.[1];
  return length === undefined ? null : Number(length);
}

function anything(table: string, { name, type, length }: Column, number: number): Value {
  if (/^(tinyint|boolean)/.test(type)) return number % 2;
  if (/int/.test(type)) return name.endsWith('_ms') ? 1_760_000_000_000 + number : number;
  const text = `${number} ${name} größe 核 \u{1F52C} 'x' "y" \\ ${table} `;
  return length === null ? text.repeat(3) : Array.from(text.repeat(10)).slice(0, length).join('');
}
