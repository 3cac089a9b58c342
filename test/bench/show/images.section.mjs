/**
 * The viewer of images on a TIFF of 10,000 x 10,000 pixels of 16 bits, in strips, compressed in tiles, and with smaller copies of itself: from
 * the first request to the first tile, what it is warm, and how long it takes until all of it is there, beside `vips dzsave` of the same file
 * (Debian's libvips-tools), which makes a tile of each part before the first can be seen. Without that tool only the plain one is measured.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, percentile } from '../harness.mjs';
import { clearPeak, median, peakMiB, timed } from './steps.mjs';

const EDGE = 10_000;
const ROWS_AT_ONCE = 100;
const [ROUNDS, LOOKS] = [3, 40];
const TILE = 512;
const PATIENCE_MS = 120_000;
/** Milliseconds. */
const [COLD, WARM] = [1000, 100];
/** What the web process may take more while it shows images, in MiB. */
const MOST_GROWTH = 60;
/** What `vips copy` makes of the plain one. */
const TILED = 'tile,tile-width=256,tile-height=256';
const KINDS = {
  'deflate in tiles': `[compression=deflate,${TILED}]`,
  'LZW in tiles': `[compression=lzw,predictor=horizontal,${TILED}]`,
  'deflate in tiles, with smaller copies': `[compression=deflate,${TILED},pyramid]`,
};

export async function measure({ web, client, address, results }) {
  clearPeak(web);
  const before = peakMiB(web);
  const plain = join(results, 'plain.tif');
  writeImage(plain);
  const figures = await ofFile({ client, address, path: plain, name: 'plain.tif', words: 'in strips' });
  for (const [index, [words, options]] of Object.entries(KINDS).entries()) {
    const name = `kind-${index}.tif`;
    const path = join(results, name);
    if (spawnSync('vips', ['copy', plain, `${path}${options}`]).status !== 0) break;
    figures.push(...(await ofFile({ client, address, path, name, words })));
    rmSync(path);
  }
  figures.push(
    figure('show', 'memory of the web process with these images, most beyond before', peakMiB(web) - before, 'MiB', { most: MOST_GROWTH }),
  );
  return figures;
}

async function ofFile({ client, address, path, name, words }) {
  const look = (level, x, y) => client.download(`${address}/tiles/values/results/${name}?page=0&level=${level}&x=${x}&y=${y}`);
  const untilWhole = async () => {
    const end = performance.now() + PATIENCE_MS;
    while (!(await isWhole(client, address, name)) && performance.now() < end) await sleep(50);
  };
  const cold = [];
  const all = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Another version of the file: nothing is known of it.
    utimesSync(path, new Date(), new Date(Date.now() - (round + 1) * 60_000));
    cold.push(await timed(() => look(4, 0, 0)));
    all.push(cold.at(-1) + (await timed(untilWhole)));
  }
  const warm = [];
  for (let turn = 0; turn < LOOKS; turn += 1) {
    const [x, y] = [(turn * 7) % Math.floor(EDGE / TILE), (turn * 11) % Math.floor(EDGE / TILE)];
    warm.push(await timed(() => look(0, x, y)));
  }
  const floor = dzsave(path);
  const peer = floor === null ? {} : { peer: `vips dzsave: ${floor.toFixed(0)} ms`, peerValue: floor };
  const aim = (most, value) => ({ aim: `≤ ${most} ms`, judge: () => value <= most });
  const image = `${EDGE} x ${EDGE} x 16 bits, ${words} (${(statSync(path).size / 1e6).toFixed(0)} MB)`;
  return [
    figure('show', `first tile, cold, ${image}`, median(cold), 'ms', { ...aim(COLD, median(cold)), ...peer }),
    figure('show', `tile, warm, p95, ${image}`, percentile(warm, 0.95), 'ms', aim(WARM, percentile(warm, 0.95))),
    figure('show', `all tiles, ${image}`, median(all), 'ms', peer),
  ];
}

/** Whether what is sent is no first look any more. */
async function isWhole(client, address, name) {
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
