#!/usr/bin/env node
/**
 * Runs HPACellSegmentatorPortable on path_list.csv in the folder where it is started, and does what that leaves undone: images of other
 * formats become TIFF before, a table of the cells and one for EllViewer of each field of view are made after, and the exit status tells how it went.
 * 0: all fields of view; 3: not all of them, perhaps none; any other: that of the program itself.
 * HPASEG_HOME is the folder with process.py and models (/opt/hpaseg), HPASEG_PYTHON the Python that runs it (python3).
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeCells } from './lib/cells.mjs';
import { writeView } from './lib/ellviewer.mjs';
import { asTiff } from './lib/images.mjs';

const HOME = process.env.HPASEG_HOME || '/opt/hpaseg';
const PYTHON = process.env.HPASEG_PYTHON || 'python3';
const SOME_FAILED = 3;

/** The fields of view of the list, as process.py reads them. */
function readRows() {
  const lines = readFileSync('path_list.csv', 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [red = '', yellow = '', blue = '', green = '', masks = '', , prefix = ''] = line.split(',').map((field) => field.trim());
      return {
        images: { red, yellow, blue, green },
        prefix,
        cellMask: join(masks, `${prefix}cellmask.png`),
        nucleiMask: join(masks, `${prefix}nucleimask.png`),
      };
    });
}

/** process.py looks for its weights in the folder where it is started. */
function linkModels() {
  if (existsSync('models')) return () => {};
  symlinkSync(join(HOME, 'models'), 'models');
  return () => rmSync('models');
}

function tellProgress(done, total) {
  if (process.env.SHOWRUNNER_PROGRESS) writeFileSync(process.env.SHOWRUNNER_PROGRESS, `${done}/${total} fields of view\n`);
}

/** Passes the output on, and counts the rows that are over. @returns the exit status. */
async function runProgram(total) {
  const program = spawn(PYTHON, ['-u', join(HOME, 'process.py')], { stdio: ['ignore', 'inherit', 'pipe'] });
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => program.kill(signal));
  const ended = new Promise((resolve, reject) => {
    program.on('error', reject);
    program.on('close', (code) => resolve(code ?? 1));
  });
  // It is waited for below, when there is no output left.
  ended.catch(() => {});
  let done = 0;
  tellProgress(done, total);
  for await (const line of createInterface({ input: program.stderr })) {
    process.stderr.write(`${line}\n`);
    if (/^(?:\w+: )?- (?:Saved results for|Failed to process) /.test(line)) tellProgress((done += 1), total);
  }
  return ended;
}

/** A table of the cells, outlines and pictures for a viewer; what cannot be made takes nothing from the masks. */
async function writeViews(rows) {
  for (const row of rows) {
    await writeCells('cells', row).catch((error) => {
      process.stderr.write(`The cells of ${row.prefix} could not be measured: ${error.message}\n`);
    });
    await writeView('ellviewer', row).catch((error) => {
      process.stderr.write(`No view of ${row.prefix} could be drawn: ${error.message}\n`);
    });
  }
}

async function main() {
  const rows = readRows();
  for (const { images } of rows) for (const path of Object.values(images)) if (path !== '') await asTiff(path);
  const unlink = linkModels();
  const status = await runProgram(rows.length).finally(unlink);
  if (status !== 0) return status;
  const good = rows.filter(({ cellMask, nucleiMask }) => existsSync(cellMask) && existsSync(nucleiMask));
  await writeViews(good);
  for (const { prefix } of rows.filter((row) => !good.includes(row))) process.stderr.write(`No masks were written for ${prefix}\n`);
  return good.length === rows.length ? 0 : SOME_FAILED;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isMissing = error.code === 'ENOENT' && error.path === PYTHON;
  process.stderr.write(isMissing ? `${PYTHON} is not there. Install it, or set HPASEG_PYTHON.\n` : `${error.message}\n`);
  process.exitCode = 1;
}
