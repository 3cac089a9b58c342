import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const HOME = resolve(__dirname, '..', '..');

/** Licences under which a laboratory may run and pass on the whole without asking anybody. */
const GOOD = [
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'LGPL-3.0-or-later',
];

describe('the packages that ship', () => {
  const manifest = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8')) as Record<string, Record<string, unknown>>;
  const tools = () => import('../tools/licences.mjs');

  it('are under licences that ask for nothing, all of them', async () => {
    const packages = (await tools()).shippedPackages();
    expect(packages.length).toBeGreaterThan(Object.keys(manifest['dependencies']).length);
    expect(packages.filter(({ licence }) => !licence.split(' AND ').every((one) => GOOD.includes(one)))).toEqual([]);
  });

  it('are listed in docs/licences.md: `node test/tools/licences.mjs --write`', async () => {
    expect(readFileSync(join(HOME, 'docs', 'licences.md'), 'utf8')).toBe((await tools()).licencesPage());
  });

  it('run no script at their installation that is not named in package.json', async () => {
    const scripts = (await tools()).packagesWithScripts();
    expect(scripts).not.toEqual([]);
    expect(scripts.filter((name) => !(name in manifest['allowScripts']))).toEqual([]);
  });

  it('have exact versions', () => {
    const all = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) => Object.entries(manifest[group]));
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
  });
});
