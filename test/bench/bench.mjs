/**
 * `npm run bench [name …]`: measures the built product (dist/) on this machine, prints one table and writes `latest.json`.
 * A figure that can be compared stands beside its peer in the same run, because machines are noisy and only ratios travel.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const HERE = import.meta.dirname;

/**
 * @typedef {object} Figure
 * @property {string} bench @property {string} metric @property {number} value @property {string} unit
 * @property {string | null} peer What the ratio compares with. @property {number | null} ratio
 * @property {string | null} aim @property {boolean | null} met
 */

const wanted = process.argv.slice(2);
const names = readdirSync(HERE)
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.replace('.bench.mjs', ''))
  .filter((name) => wanted.length === 0 || wanted.includes(name));
if (names.length === 0) {
  process.stderr.write(`There is no benchmark ${wanted.join(', ')}.\n`);
  process.exit(2);
}

process.stdout.write(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}, Node ${process.versions.node}\n`);
/** @type {Figure[]} */
const figures = [];
for (const name of names) {
  const { run } = await import(join(HERE, `${name}.bench.mjs`));
  figures.push(...(await run()));
}
writeFileSync(join(HERE, 'latest.json'), `${JSON.stringify(figures, null, 2)}\n`);
printTable(figures);

function printTable(rows) {
  const heads = ['bench', 'metric', 'value', 'peer', 'ratio', 'aim', 'met'];
  const lines = rows.map((row) => [
    row.bench,
    row.metric,
    `${round(row.value)} ${row.unit}`,
    row.peer ?? '',
    row.ratio === null ? '' : round(row.ratio),
    row.aim ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...lines.map((line) => line[column].length)));
  for (const line of [heads, ...lines]) process.stdout.write(`${line.map((cell, column) => cell.padEnd(widths[column])).join('  ')}\n`);
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
