/**
 * Jest loads and links every module anew for each test file, the whole application included: half of the time of the medium suites went
 * there. A bundle is one test file that holds several: each in a block of its own that is named by its path, so that failures still say
 * where they are and hooks at the top of a file stay with it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const HOME = resolve(import.meta.dirname, '..', '..');
const TEMPORARY = join(HOME, 'test', '.tmp');
const SPEC = /\.spec\.ts$/;

/** They watch how the memory of their own process grows, which others would fill and empty meanwhile. */
const ALONE = ['viewer/hostile-memory', 'files/large-', 'show/results-so-far'];

/**
 * @param {{ paths: string[], except: string[], count: number }} what folders below the project, first parts of paths in the first of them
 *   that are left out, and how many bundles there shall be.
 * @returns {{ folder: string, remove: () => void }} where the bundles lie.
 */
export function writeBundles({ paths, except, count }) {
  const left = except.map((part) => `/${paths[0]}${part}`);
  const files = paths.flatMap(specsBelow).filter((file) => !left.some((part) => `/${file}`.includes(part)));
  mkdirSync(TEMPORARY, { recursive: true });
  const folder = mkdtempSync(join(TEMPORARY, 'bundles-'));
  const isAlone = (file) => ALONE.some((part) => file.includes(`/${part}`));
  const alone = files.filter(isAlone).map((file) => [file]);
  const bundles = [
    ...alone,
    ...shared(
      files.filter((file) => !isAlone(file)),
      count,
    ),
  ];
  for (const [index, bundle] of bundles.entries()) {
    writeFileSync(join(folder, `${String(index + 1).padStart(2, '0')}.spec.ts`), bundle.map((file) => block(folder, file)).join('\n'));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * @param {{ name: string, assertionResults: { status: string, ancestorTitles: string[] }[] }[]} testResults of jest's report.
 * @returns {string[]} absolute paths of the files that failed; all of a bundle that could not be loaded.
 */
export function failedSpecs(testResults) {
  const failed = testResults.filter(({ status }) => status === 'failed');
  return failed.flatMap(({ name, assertionResults }) => {
    const faults = assertionResults.filter(({ status }) => status === 'failed').map(({ ancestorTitles }) => ancestorTitles[0] ?? '');
    const specs = [...new Set(faults)].filter((title) => SPEC.test(title)).map((title) => join(HOME, title));
    if (specs.length > 0) return specs;
    return name.startsWith(TEMPORARY) ? specsOf(name) : [name];
  });
}

function specsOf(bundle) {
  return [...readFileSync(bundle, 'utf8').matchAll(/^describe\('([^']+)'/gm)].map(([, file]) => join(HOME, file));
}

function specsBelow(path) {
  const entries = readdirSync(join(HOME, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && SPEC.test(entry.name));
  return files.map((entry) => relative(HOME, join(entry.parentPath, entry.name))).sort();
}

/** The longest files first, each to the bundle that has least so far: lines stand for seconds. */
function shared(files, count) {
  const bundles = Array.from({ length: Math.min(count, files.length) }, () => ({ lines: 0, files: [] }));
  const long = files.map((file) => ({ file, lines: readFileSync(join(HOME, file), 'utf8').split('\n').length }));
  for (const { file, lines } of long.sort((one, other) => other.lines - one.lines)) {
    const least = bundles.reduce((best, bundle) => (bundle.lines < best.lines ? bundle : best));
    least.files.push(file);
    least.lines += lines;
  }
  return bundles.map((bundle) => bundle.files);
}

/** What a file leaves replaced must not reach the next one. */
function block(folder, file) {
  const path = relative(folder, join(HOME, file)).replace(/\.ts$/, '');
  return `describe('${file}', () => {
  require('${path}');
  afterAll(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });
});
`;
}
