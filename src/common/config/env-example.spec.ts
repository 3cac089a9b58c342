import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { readConfig } from './app-config';
import { SETTINGS } from './settings';

const HOME = resolve(__dirname, '..', '..', '..');
const example = readFileSync(join(HOME, '.env.example'), 'utf8');

describe('.env.example', () => {
  it('says what the settings say; "node test/tools/env-example.mjs --write" renews it', () => {
    const { stdout } = spawnSync(process.execPath, [join(HOME, 'test', 'tools', 'env-example.mjs')], { encoding: 'utf8' });
    expect(stdout).toBe(example);
  });

  it('names every setting once, in order, each commented out', () => {
    const names = [...example.matchAll(/^#([A-Z][A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names).toEqual(Object.keys(SETTINGS));
  });

  it('starts with the shown defaults when every line is made active', () => {
    const active = parseEnv(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    expect(readConfig(active).settings).toEqual(readConfig({}).settings);
  });
});
