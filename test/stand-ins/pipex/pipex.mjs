#!/usr/bin/env node
/**
 * Stands for pipex.py of PIPEX 2.0: reads pipex_batch_list.txt and hands each line to a shell. It keeps the contract, its traps included:
 * the order of events, the files, the texts of the log, and an exit status of 0 whatever its steps did.
 */
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { now, tell } from './lib/log.mjs';

const PYTHON = `'${process.execPath}' '${fileURLToPath(new URL('python.mjs', import.meta.url))}' -u `;
const root = 'PIPEX_WORK' in process.env ? './work' : '.';
const place = (name) => join(root, name);

/** As `str.index` of Python: what is not found ends the batch. */
function index(line, wanted, from = 0) {
  const at = line.indexOf(wanted, from);
  if (at < 0) throw new Error('substring not found');
  return at;
}

/** The data folder of a line, as PIPEX cuts it out: up to the next blank, or to the closing quote. */
function dataFolder(line) {
  let start = index(line, '-data=') + 6;
  const quote = line[start] === "'" || line[start] === '"' ? line[start] : null;
  if (quote) start += 1;
  return line.slice(start, index(line, quote ?? ' ', start + 1)).trim();
}

/** Whether another PIPEX is at work; what is no number is an exception that ends the batch. */
function isOtherRunning() {
  if (!existsSync(place('RUNNING'))) return false;
  const content = readFileSync(place('RUNNING'), 'utf8').split('\n')[0];
  if (!/^\s*[+-]?\d+\s*$/.test(content)) throw new Error(`invalid literal for int() with base 10: '${content}'`);
  try {
    process.kill(Number(content), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @returns the id of the run that the line sets, if it does. */
function obey(line) {
  if (line.startsWith('#')) return undefined;
  if (line.startsWith('run_id')) {
    const id = line.replace('run_id', '').trim();
    tell(`Setting run_id = ${id} =`, now());
    return id;
  }
  if (line.startsWith('max_res')) {
    process.env.PIPEX_MAX_RESOLUTION = line.replace('max_res', '').trim();
    tell(`Setting max resolution to = ${process.env.PIPEX_MAX_RESOLUTION} =`, now());
  } else if (line.startsWith('swap')) {
    tell('Creating swap space =', now());
    spawnSync('/bin/sh', ['-c', `./enable_swap.sh ${line.replace('swap', '').trim()}`], { stdio: 'inherit' });
  } else if (line.trim().length > 5) {
    tell('Processing next job =', now());
    tell(`   ${line.trim()}`);
    // The status of a step is not looked at.
    spawnSync('/bin/sh', ['-c', PYTHON + line.trim()], { stdio: 'inherit' });
    const folder = dataFolder(line);
    if (existsSync(place('log.txt'))) copyFileSync(place('log.txt'), join(folder, basename('log.txt')));
  }
  return undefined;
}

function main() {
  process.env.PIPEX_DATA ??= './data';
  let id = String(1 + Math.floor(Math.random() * 1_000_000));
  tell('Start time pipex =', now());
  if (existsSync(place('run_id.txt'))) {
    id = readFileSync(place('run_id.txt'), 'utf8').trim();
    tell(`Setting run_id = ${id} =`, now());
  }
  const lines = readFileSync(place('pipex_batch_list.txt'), 'utf8').match(/[^\n]*\n|[^\n]+$/g) ?? [];
  try {
    for (const line of [...lines, '']) {
      if (isOtherRunning()) {
        tell('Another PIPEX process seems to be running, exiting =', now());
        return;
      }
      id = obey(line) ?? id;
    }
  } catch (error) {
    tell(` ${error.message}`);
  }
  if ('PIPEX_WORK' in process.env) spawnSync('chmod', ['-R', '777', '/opt/pipex/work'], { stdio: 'inherit' });
  rmSync(place('RUNNING'), { force: true });
  writeFileSync(place('LAST_RUN_ID'), '');
  appendFileSync(place('LAST_RUN_ID'), id);
  tell('End time pipex =', now());
}

try {
  main();
} catch (error) {
  process.stderr.write(`Traceback (most recent call last):\n  File "pipex.py", line 1, in <module>\n${error.message}\n`);
  process.exitCode = 1;
}
