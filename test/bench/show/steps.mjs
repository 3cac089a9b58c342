/** What several sections do: tables to measure, times, memory. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { percentile } from '../harness.mjs';

/** Measured cells, one in a row. @param {{ noise?: boolean }} more areas other than those of a table without it, of one cell in ten. */
export function writeTable(path, rows, { noise = false } = {}) {
  const file = openSync(path, 'w');
  let text = 'cell_id,image,x,y,area,intensity,cluster,label\n';
  let state = 7;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const labels = ['tumour', 'stroma', 'immune cell', 'other'];
  for (let row = 1; row <= rows; row += 1) {
    const [x, y, grown] = [random() * 2048, random() * 2048, 40 + 400 * random() * random()];
    const area = noise && row % 10 === 0 ? grown + 1 : grown;
    text += `${row},plate_7_field_${String(row % 400).padStart(3, '0')}.tif,${x.toFixed(3)},${y.toFixed(3)},${area.toFixed(2)},${(random() * 200).toFixed(3)},${row % 12},${labels[row % 4]}\n`;
    if (text.length < 4_000_000 && row < rows) continue;
    writeSync(file, text);
    text = '';
  }
  closeSync(file);
}

/** @returns milliseconds. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** `$0` of the script is the file. */
export function shell(script, file) {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', script, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${script} ended with ${code}`))));
  });
}

export function median(values) {
  return percentile(values, 0.5);
}

/** Lets the kernel begin anew with the peak of a process. */
export function clearPeak({ pid }) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

export function peakMiB({ pid }) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Lets the kernel drop what it keeps of a file in memory. */
export function forget(file) {
  const { status } = spawnSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
  if (status !== 0) throw new Error('what is kept of a file could not be dropped');
}
