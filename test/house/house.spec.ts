import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { RULES, type SourceFile } from './rules';

const HOME = resolve(__dirname, '..', '..');
const ROOMS = ['src', 'config', 'test'];

function sources(): SourceFile[] {
  return ROOMS.flatMap((room) =>
    readdirSync(join(HOME, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs|css|sh)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/\/(\.tmp|screenshots)\//.test(path))
      .map((path) => ({ path: relative(HOME, path), text: readFileSync(path, 'utf8') })),
  );
}

describe('the house', () => {
  const files = sources();

  it('is looked at as a whole', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  describe.each(RULES)('$name', (rule) => {
    it('holds everywhere', () => {
      const faults = files.flatMap((file) => rule.check(file).map((fault) => `${file.path} ${fault}`));
      expect(faults).toEqual([]);
    });

    it.each(rule.bad)('objects to what is bad ($path)', (sample) => expect(rule.check(sample)).not.toEqual([]));
    it.each(rule.good)('lets pass what is good ($path)', (sample) => expect(rule.check(sample)).toEqual([]));
  });
});
