import { renderArguments } from './arguments';
import type { Manifest } from './manifest';
import { demandOf, leastDemandOf } from './needs';
import { appliedTo, checkParameters, defaultEntry, entriesOf } from './parameters';
import { compileYaml } from './pipeline-yaml';
import { slurmPlacement } from './slurm-placement';

const yaml = (source: string): Manifest => {
  const compiled = compileYaml('y', source);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
};
const anyFile = (reference: string) => Promise.resolve({ name: reference.slice(reference.indexOf(':') + 1) });
const places = { resolveFile: (reference: string) => `/in/${reference.slice(8)}`, outputFolder: '/out' };

const TOOL = yaml(`
command: run
parameters:
  - { name: split, type: boolean, default: true }
  - { name: distance, type: number, default: 6, min: 1, when: split }
  - { name: exact, type: boolean, default: true, when: split and distance > 3 }
  - { name: mask, type: file, accept: [.tif], when: not split }
  - { name: notes, type: string, required: false, requiredWhen: not empty(mask) }
  - { name: table, type: output, default: cells, extension: csv, when: split }
  - { name: least, type: integer, required: false }
  - { name: most, type: integer, required: false }
rules:
  - { check: least <= most, message: The largest must not be smaller than the smallest., at: most }
  - { check: distance < most, message: This is far apart., at: distance, level: warning }
arguments:
  - { boolean: split, whenTrue: --split, whenFalse: --whole }
  - --distance={distance}
  - { boolean: exact, whenTrue: --exact, whenFalse: --rough }
  - [--mask, '{mask}']
  - --notes={notes}
  - '{table}'
  - { value: least, flag: --least, keepEmpty: true }
`);

async function check(submitted: Record<string, unknown>, manifest = TOOL) {
  return checkParameters(manifest, submitted, anyFile);
}
async function argvOf(submitted: Record<string, unknown>, manifest = TOOL) {
  const checked = await check(submitted, manifest);
  return checked.ok ? renderArguments(manifest, checked.values, places) : checked.errors;
}

describe('a parameter that does not apply', () => {
  it('is neither checked nor required, and has no value', async () => {
    const without = await check({
      split: 'false',
      distance: 'much too far',
      exact: 'perhaps',
      table: '../x',
      mask: 'project:m.tif',
      notes: 'n',
    });
    expect(without).toMatchObject({ ok: true });
    expect(without.values).toEqual({ split: false, mask: 'project:m.tif', notes: 'n' });
    expect([...without.applies]).toEqual(['split', 'mask', 'notes', 'least', 'most']);
    const inside = await check({ split: 'true', mask: 'project:gone.exe' });
    expect(inside).toMatchObject({ ok: true, values: { split: true, distance: '6', exact: true, table: 'cells.csv' } });
    expect(inside.values).not.toHaveProperty('mask');
    expect(await check({ split: 'true', distance: 'x' })).toMatchObject({ ok: false, errors: { distance: expect.any(String) } });
    expect(await check({ split: 'false' })).toMatchObject({ ok: false, errors: { mask: 'Choose a file.' } });
  });

  it('keeps what was entered for the form', async () => {
    const { entered } = await check({ split: 'false', distance: '12' });
    expect(entered).toMatchObject({ distance: '12', exact: 'true' });
  });

  it('makes those that hang on it not apply either', async () => {
    const { applies } = await check({ split: 'true', distance: '2' });
    expect(applies.has('exact')).toBe(false);
    expect((await check({ split: 'false', distance: '9' })).applies.has('exact')).toBe(false);
    // What is no number decides nothing, and is told where it stands.
    expect((await check({ split: 'true', distance: 'x' })).applies.has('exact')).toBe(false);
  });

  it('gives no argument, with its flag, whatever its kind', async () => {
    expect(await argvOf({})).toEqual(['--split', '--distance=6', '--exact', '/out/cells.csv', '--least=']);
    expect(await argvOf({ exact: 'false', least: '1' })).toEqual(['--split', '--distance=6', '--rough', '/out/cells.csv', '--least=1']);
    expect(await argvOf({ split: 'false', mask: 'project:m.tif', notes: 'n' })).toEqual([
      '--whole',
      '--mask',
      '/in/m.tif',
      '--notes=n',
      '--least=',
    ]);
    const standard = yaml(`
command: run
parameters:
  - { name: on, type: boolean }
  - { name: a, type: boolean, default: true, when: on }
  - { name: b, type: files, when: on }`);
    expect(await argvOf({ on: 'false' }, standard)).toEqual([]);
  });

  it('keeps its place where the pipeline asks for that', async () => {
    const placed = yaml(`
command: run
parameters:
  - { name: on, type: boolean }
  - { name: a, type: string, when: on }
  - { name: last, type: string }
arguments: [{ value: a, keepEmpty: true }, '{last}']`);
    expect(await argvOf({ a: 'x', last: 'z' }, placed)).toEqual(['', 'z']);
  });

  it('does not take the name of an output away', async () => {
    const outputs = yaml(`
command: run
parameters:
  - { name: two, type: boolean }
  - { name: a, type: output, default: x }
  - { name: b, type: output, default: x, when: two }`);
    expect(await check({}, outputs)).toMatchObject({ ok: true, values: { a: 'x' } });
    expect(await check({ two: 'true' }, outputs)).toMatchObject({ ok: false, errors: { b: expect.any(String) } });
  });

  it('counts as 0 where it decides what a run needs', async () => {
    const needy = yaml(`
command: run
needs: { cpu: { parameter: threads, plus: 1 }, memory: { parameter: gigabytes, times: 1073741824, least: 1073741824 } }
parameters:
  - { name: large, type: boolean }
  - { name: threads, type: integer, default: 8, min: 4, when: large }
  - { name: gigabytes, type: integer, default: 32, min: 16, when: large }`);
    const { values } = await check({ threads: '64', gigabytes: '9999999999' }, needy);
    expect(demandOf(needy.needs, values)).toEqual({ cpu: 1000, memory: 1024, gpus: 0 });
    expect(leastDemandOf(needy.needs, needy.parameters)).toEqual({ cpu: 1000, memory: 1024, gpus: 0 });
    const large = await check({ large: 'true' }, needy);
    expect(demandOf(needy.needs, large.values)).toEqual({ cpu: 9000, memory: 32 * 1024, gpus: 0 });
  });

  it('leaves a place in the cluster to the cluster', async () => {
    const cluster = yaml(`
command: run
parameters:
  - { name: own, type: boolean }
  - { name: queue, type: string, when: own }
slurm: { partition: { parameter: queue } }`);
    const { values } = await check({ queue: '--bad' }, cluster);
    expect(cluster.runtime.kind === 'slurm' && slurmPlacement(cluster.runtime, values).partition).toBe(null);
    expect(await check({ own: 'true', queue: '--bad' }, cluster)).toMatchObject({ ok: false, errors: { queue: expect.any(String) } });
  });

  it('takes its default when its run is asked for again', async () => {
    const { values } = await check({ split: 'false', distance: '12', mask: 'project:m.tif', notes: 'n', table: 'mine' });
    expect([...appliedTo(TOOL.parameters, values)]).toEqual(['split', 'mask', 'notes', 'least', 'most']);
    const taken = { split: 'false', mask: 'project:m.tif', notes: 'n', least: '', most: '' };
    expect(entriesOf(TOOL, TOOL, values)).toEqual({ ...taken, distance: '6', exact: 'true', table: 'cells' });
    const again = await check(entriesOf(TOOL, TOOL, values));
    expect(again).toMatchObject({ ok: true, values });
  });
});

describe('what conditions were for entries, they are for the values of the run', () => {
  it.each<Record<string, string>>([
    {},
    { split: 'on', distance: '3.0', table: 'x.CSV' },
    { split: 'no', mask: 'project:m.tif', notes: 'a\r\nb' },
    { distance: ' 12 ', exact: 'false', table: ' ', least: '1', most: '100' },
  ])('of %j', async (submitted) => {
    const { ok, applies, values } = await check(submitted);
    expect(ok).toBe(true);
    expect(appliedTo(TOOL.parameters, values)).toEqual(applies);
  });
});

describe('requiredWhen', () => {
  it('asks for a value where it holds', async () => {
    expect(await check({ split: 'false', mask: 'project:m.tif' })).toMatchObject({ ok: false, errors: { notes: 'Fill this in.' } });
    expect([...(await check({ split: 'false', mask: 'project:m.tif' })).required]).toEqual(['mask', 'notes']);
    // A file chosen while it applied counts no longer.
    expect(await check({ split: 'true', mask: 'project:m.tif' })).toMatchObject({ ok: true });
  });

  it('asks for files where it holds', async () => {
    const files = yaml(`
command: run
parameters:
  - { name: on, type: boolean }
  - { name: several, type: files, requiredWhen: on }
  - { name: kind, type: choice, options: [a, b], requiredWhen: on }`);
    expect(await check({}, files)).toMatchObject({ ok: true });
    expect(await check({ on: 'true' }, files)).toMatchObject({
      ok: false,
      errors: { several: 'Choose at least 1 file.', kind: 'Choose one.' },
    });
  });
});

describe('rules', () => {
  it('speak at their parameter where they are broken for certain', async () => {
    expect(await check({ least: '5', most: '4' })).toMatchObject({
      ok: false,
      errors: { most: 'The largest must not be smaller than the smallest.' },
    });
    expect(await check({ least: '5', most: '' })).toMatchObject({ ok: true });
    expect(await check({ least: '5', most: 'x' })).toMatchObject({ ok: false, errors: { most: 'Write a whole number.' } });
  });

  it('only warn where they say so', async () => {
    const warned = await check({ distance: '6', most: '6' });
    expect(warned).toMatchObject({ ok: true, broken: { error: {}, warning: { distance: 'This is far apart.' } } });
    expect(warned.values).toMatchObject({ distance: '6', most: '6' });
  });

  it('are silent at a parameter that does not apply, and about one', async () => {
    const { broken } = await check({ split: 'false', mask: 'project:m.tif', notes: 'n', distance: '9', most: '2' });
    expect(broken).toEqual({ error: {}, warning: {} });
  });

  it('are all told, also at parameters of odd names', async () => {
    const several = yaml(`
command: run
parameters: [{ name: constructor, type: integer }, { name: toString, type: integer, required: false }]
rules:
  - { check: constructor > 3, message: More., at: constructor }
  - { check: constructor > 2, message: Much more., at: constructor }
  - { check: empty(toString), message: Leave it., at: toString, level: warning }`);
    const result = await check({ constructor: '1', toString: '1' }, several);
    expect(result).toMatchObject({ ok: false });
    expect('errors' in result && result.errors).toEqual({ constructor: 'More. Much more.' });
    expect(result.broken.warning).toEqual({ toString: 'Leave it.' });
    expect(await check({ constructor: '4' }, several)).toMatchObject({ ok: true });
  });
});

it('defaults are what conditions see where nothing was submitted', async () => {
  const { applies } = await check({});
  const entries = Object.fromEntries(TOOL.parameters.map((parameter) => [parameter.name, defaultEntry(parameter)]));
  expect((await check(entries)).applies).toEqual(applies);
});
