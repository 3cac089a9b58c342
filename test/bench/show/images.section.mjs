/**
 * The viewer of images on a TIFF of 10,000 x 10,000 pixels of 16 bits: from the first request to the first tile, what it is warm, and how
 * long it takes until all of it is there, beside `vips dzsave` of the same file (Debian's libvips-tools), which makes a tile of each part
 * before the first can be seen.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, percentile } from '../harness.mjs';

const EDGE = 10_000;
const ROWS_AT_ONCE = 100;
const LOOKS = 40;
const TILE = 512;
const PATIENCE_MS = 120_000;
/** Milliseconds. */
const [COLD, WARM] = [1000, 100];
/** What the web process may take more while it shows images, in MiB. */
const MOST_MEMORY = 300;

export async function measure({ web, client, address, results }) {
  const figures = [];
  const cold = [];
  for (const name of ['first.tif', 'second.tif', 'third.tif']) {
    writeImage(join(results, name));
    cold.push(await timeOf(() => tile(client, address, name, 4, 0, 0)));
    if (name !== 'third.tif') rmSync(join(results, name));
  }
  const begin = performance.now();
  const floor = dzsave(join(results, 'third.tif'));
  const figureOf = (metric, value, more = {}) => figure('show', metric, value, 'ms', more);
  const peer = floor === null ? {} : { peer: 'vips dzsave', peerValue: floor };
  figures.push(
    figureOf(`first tile of ${EDGE} x ${EDGE} x 16 bits, cold`, percentile(cold, 0.5), {
      most: COLD,
      aim: `≤ ${COLD} ms`,
      judge: () => percentile(cold, 0.5) <= COLD,
      ...peer,
    }),
  );
  while (!(await isWhole(client, address)) && performance.now() - begin < PATIENCE_MS) await sleep(50);
  const warm = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const [x, y] = [(look * 7) % Math.floor(EDGE / TILE), (look * 11) % Math.floor(EDGE / TILE)];
    warm.push(await timeOf(() => tile(client, address, 'third.tif', 0, x, y)));
  }
  figures.push(figureOf('tile of the same, warm, p95', percentile(warm, 0.95), { most: WARM }));
  writeImage(join(results, 'whole.tif'));
  const whole = await timeOf(async () => {
    while (!(await isWhole(client, address, 'whole.tif'))) await sleep(50);
  });
  figures.push(figureOf('all tiles of the same', whole, peer));
  figures.push(figure('show', 'memory of web meanwhile', peakMiB(web), 'MiB', { most: MOST_MEMORY }));
  return figures;
}

async function timeOf(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function tile(client, address, name, level, x, y) {
  return client.download(`${address}/tiles/values/results/${name}?page=0&level=${level}&x=${x}&y=${y}`);
}

/** Whether what is sent is no first look any more. */
async function isWhole(client, address, name = 'third.tif') {
  const { headers } = await client.exchange(`${address}/tiles/values/results/${name}?page=0&level=4&x=0&y=0`, {}, () => {});
  return headers['tile-draft'] === 'no';
}

/** @returns milliseconds; null without the tool. */
function dzsave(path) {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-dzsave-'));
  try {
    const begin = performance.now();
    const { status } = spawnSync('vips', ['dzsave', path, join(folder, 'tiles'), '--suffix', '.png', '--tile-size', String(TILE)]);
    return status === 0 ? performance.now() - begin : null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A slide in strips of a row, uncompressed, as microscopes write it: spots on an uneven ground, with noise. */
function writeImage(path) {
  const file = openSync(path, 'w');
  const rows = new Uint16Array(EDGE * ROWS_AT_ONCE);
  writeSync(file, Buffer.from('II*\0\0\0\0\0', 'latin1'));
  for (let top = 0; top < EDGE; top += ROWS_AT_ONCE) {
    for (let at = 0; at < rows.length; at += 1) {
      const [x, y] = [at % EDGE, top + Math.floor(at / EDGE)];
      rows[at] = 300 + ((x ^ y) & 63) * 40 + ((x * 7919 + y * 104_729) % 200);
    }
    writeSync(file, Buffer.from(rows.buffer));
  }
  const tables = Buffer.alloc(EDGE * 8);
  for (let row = 0; row < EDGE; row += 1) {
    tables.writeUInt32LE(8 + row * EDGE * 2, row * 4);
    tables.writeUInt32LE(EDGE * 2, (EDGE + row) * 4);
  }
  const at = 8 + EDGE * EDGE * 2;
  writeSync(file, tables);
  const tags = [
    [256, 4, EDGE],
    [257, 4, EDGE],
    [258, 3, 16],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, at, EDGE],
    [277, 3, 1],
    [278, 4, 1],
    [279, 4, at + EDGE * 4, EDGE],
    [339, 3, 1],
  ];
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  tags.forEach(([tag, type, value, count = 1], index) => {
    directory.writeUInt16LE(tag, 2 + index * 12);
    directory.writeUInt16LE(type, 4 + index * 12);
    directory.writeUInt32LE(count, 6 + index * 12);
    directory.writeUInt32LE(value, 10 + index * 12);
  });
  writeSync(file, directory);
  const place = Buffer.alloc(4);
  place.writeUInt32LE(at + tables.length, 0);
  writeSync(file, place, 0, 4, 4);
  closeSync(file);
}

function peakMiB({ pid }) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}
