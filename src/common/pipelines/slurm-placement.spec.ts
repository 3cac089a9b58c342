import type { Manifest, ParameterValues } from './manifest';
import { checkParameters } from './parameters';
import { compileYaml } from './pipeline-yaml';
import type { SlurmRuntime } from './runtime';
import { slurmPlacement } from './slurm-placement';

const compile = (block: string) =>
  compileYaml(
    'x',
    `command: x\nparameters:\n  - { name: where, type: string }\n  - { name: hours, type: number }\n  - { name: in, type: file }\nslurm: ${block}\n`,
  );
const place = (block: string, values: ParameterValues) => slurmPlacement((compile(block) as Manifest).runtime as SlurmRuntime, values);

describe('the block slurm', () => {
  it('takes fixed words, and words and times of the form', () => {
    expect(place('{ partition: main, account: lab-1, time: 2h }', {})).toEqual({
      partition: 'main',
      account: 'lab-1',
      qos: null,
      constraint: null,
      timeSeconds: 7200,
    });
    const form = '{ partition: { parameter: where }, time: { parameter: hours, unit: h } }';
    expect(place(form, { where: 'gpu', hours: '1.5' })).toMatchObject({ partition: 'gpu', timeSeconds: 5400 });
    expect(place(form, {})).toMatchObject({ partition: null, timeSeconds: null });
  });

  it.each(['--wrap=rm', '-x', 'a b', 'a\nb', 'a;b', '$(x)', 'x\0'])('lets %j be no partition', (where) => {
    expect(() => place('{ partition: { parameter: where } }', { where })).toThrow('where');
  });

  it.each([
    ['{ partition: { parameter: nobody } }', '"nobody" is not among'],
    ['{ partition: { parameter: in } }', '"in" is not among'],
    ['{ time: { parameter: in } }', '"in" is not among'],
    ['{ partition: "--wrap=x" }', 'cannot be a name'],
    ['{ time: soon }', 'not a duration'],
    ['{ options: [--wrap=ls] }', '--wrap is set by Showrunner'],
    ['{ options: [--wr=ls] }', '--wr is set by Showrunner'],
    ['{ options: [--array=1-9] }', '--array is set by Showrunner'],
    ['{ options: [-H] }', 'one long option'],
    ['{ options: [x] }', 'one long option'],
    ['{ partion: main }', 'Did you mean partition?'],
  ])('says what is wrong with %s', (block, fault) => {
    expect((compile(block) as string[]).join('\n')).toContain(fault);
  });

  it('shows beside its field what cannot be a name in the cluster', async () => {
    const { runtime, parameters } = compile('{ partition: { parameter: where } }') as Manifest;
    const manifest = { runtime, parameters: parameters.filter(({ type }) => type !== 'file') };
    const check = await checkParameters(manifest, { where: '--wrap=ls', hours: '1' }, () => Promise.resolve(null as never));
    expect(check).toMatchObject({ ok: false, errors: { where: expect.stringContaining('cannot be a name') } });
  });

  it('takes other options of sbatch', () => {
    expect((compile('{ options: [--exclusive, "--licenses=matlab:1", --mem-per-cpu=2G] }') as Manifest).runtime).toMatchObject({
      options: ['--exclusive', '--licenses=matlab:1', '--mem-per-cpu=2G'],
    });
  });
});
