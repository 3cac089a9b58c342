/**
 * The product as compiled JavaScript in a folder of its own, for tests that start its processes: always of the present sources, and
 * apart from `dist`, which somebody may be running or rebuilding.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformSync } from '@swc/core';

const HOME = resolve(import.meta.dirname, '..', '..');
const { transform } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')).jest;
const OPTIONS = transform['^.+\\.ts$'][1];
/** What the processes read beside `dist`. */
const BESIDE = ['config', 'node_modules', 'package.json', 'views'];

/** @returns {{ home: string, remove(): void }} `home` stands for the root of the installation: `<home>/dist/runner.js`. */
export function compileProduct() {
  const home = mkdtempSync(join(tmpdir(), 'showrunner-product-'));
  for (const name of BESIDE) symlinkSync(join(HOME, name), join(home, name));
  for (const entry of readdirSync(join(HOME, 'src'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(HOME.length + 'src'.length + 2);
    if (entry.isFile() && !path.endsWith('.spec.ts')) place(path, join(home, 'dist', path));
  }
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

function place(path, target) {
  const source = join(HOME, 'src', path);
  mkdirSync(dirname(target), { recursive: true });
  if (!path.endsWith('.ts')) return cpSync(source, target);
  const { code } = transformSync(readFileSync(source, 'utf8'), { ...OPTIONS, filename: source });
  writeFileSync(target.replace(/ts$/, 'js'), code);
}
