import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ACTION_WORDS } from '../../http/audit/action-words';
import { actionInWords, detailsInWords, kindInWords } from './audit-words';

const SOURCE = resolve(__dirname, '..', '..', '..');

describe('words of the audit log', () => {
  it('are there for what commands and programs do, too', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.spec)\.ts$/.test(file));
    const actions = files.flatMap((file) =>
      [...readFileSync(join(SOURCE, file), 'utf8').matchAll(/\baction: '([a-z]+\.[a-z-]+)'/g)].map(([, action]) => action),
    );
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => !(action in ACTION_WORDS))).toEqual([]);
  });

  it('say what was done, to what, and how', () => {
    const people = new Map([['0b0f2a3c-58f0-4a4e-9d62-5f4f0c7c2d11', 'mira']]);
    expect([actionInWords('run.start'), kindInWords('share')]).toEqual(['Started a run', 'link']);
    const details = {
      pipeline: 'nuclei',
      several: true,
      person: '0b0f2a3c-58f0-4a4e-9d62-5f4f0c7c2d11',
      why: 'accounts.passwordMissing',
      note: '',
      role: null,
    };
    expect(detailsInWords({ role: 'run' }, people)).toEqual(['may: look and run']);
    expect(detailsInWords(details, people)).toEqual(['pipeline: nuclei', 'several runs: yes', 'person: mira', 'reason: Enter a password.']);
  });

  it('are the names themselves for what nobody knows any more', () => {
    expect([actionInWords('old.deed'), kindInWords('thing')]).toEqual(['old.deed', 'thing']);
    expect(detailsInWords({ odd: 'run.nothing' }, new Map())).toEqual(['odd: run.nothing']);
  });
});
