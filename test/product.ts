import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { transformSync, type Options } from '@swc/core';

const HOME = resolve(__dirname, '..');
const SOURCES = join(HOME, 'src');
/** What the processes read beside `dist`. */
const BESIDE = ['config', 'node_modules', 'package.json', 'views'];

export interface Product {
  /** Stands for the root of the installation: `<home>/dist/runner.js`. */
  home: string;
  remove(): void;
}

/**
 * The product as compiled JavaScript in a folder of its own, for tests that start its processes: always of the present sources, and
 * apart from `dist`, which somebody may be running or rebuilding.
 */
export function compileProduct(): Product {
  const home = mkdtempSync(join(tmpdir(), 'showrunner-product-'));
  for (const name of BESIDE) symlinkSync(join(HOME, name), join(home, name));
  const options = compilerOptions();
  for (const entry of readdirSync(SOURCES, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    if (entry.isFile() && !source.endsWith('.spec.ts')) compile(source, join(home, 'dist', relative(SOURCES, source)), options);
  }
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

function compile(source: string, target: string, options: Options): void {
  mkdirSync(dirname(target), { recursive: true });
  if (!source.endsWith('.ts')) return cpSync(source, target);
  const { code } = transformSync(readFileSync(source, 'utf8'), { ...options, filename: source });
  writeFileSync(target.replace(/ts$/, 'js'), code);
}

/** As jest compiles them. */
function compilerOptions(): Options {
  const { jest } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as {
    jest: { transform: Record<string, [string, Options]> };
  };
  return jest.transform['^.+\\.ts$'][1];
}
