import type { Parameter } from '../../common/pipelines/manifest';
import { fieldView } from './field.view';
import type { FileChoice } from './input-files';

const REMARKS = { error: undefined, hasRules: false, ruleError: undefined, ruleWarning: undefined, isVaried: false };
const image = (over: object = {}) =>
  ({ type: 'file', name: 'image', label: 'Image', help: '', required: true, advanced: false, accept: ['.png'], ...over }) as Parameter;
const own = (name: string): FileChoice => ({ reference: `project:${name}`, name, label: name, size: 1, group: 'project' });
const result = (number: number, name: string, of: Partial<NonNullable<FileChoice['run']>> = {}): FileChoice => ({
  reference: `project:runs/${number}/${name}`,
  name,
  label: `${number}/${name}`,
  size: 1,
  group: 'results',
  run: { number, title: 'Nuclei', finishedMs: Date.UTC(2026, 10, 26, 12), ...of },
});
const groupsOf = (parameter: Parameter, files: FileChoice[], entry: string | string[] = '') =>
  fieldView(parameter, entry, true, REMARKS, files, {}).groups;

describe('the range of a number', () => {
  it.each([
    [{ min: 8, max: 16, step: 8 }, '8 or 16'],
    [{ min: 1, max: 4, step: 1 }, '1, 2, 3 or 4'],
    [{ min: 0, max: 100, step: 1 }, '0 to 100'],
    [{ min: 8, max: 16, step: null }, '8 to 16'],
  ])('%j is told as %s', (limits, told) => {
    const bits = {
      type: 'integer',
      name: 'bits',
      label: 'Bits',
      help: '',
      required: true,
      advanced: false,
      unit: '',
      ...limits,
    } as Parameter;
    expect(fieldView(bits, '', true, REMARKS, [], {}).measure).toBe(told);
  });
});

describe('the files that a field offers', () => {
  it('are the own ones first, then results in groups of their runs, newest first', () => {
    const groups = groupsOf(image(), [result(4, 'areas.png'), result(14, 'areas.png'), result(4, 'mask.png'), own('tissue.png')]);
    expect(groups.map(({ label }) => label)).toEqual([
      'Files of this project',
      'Results of Nuclei #14, 26 Nov 2026',
      'Results of Nuclei #4, 26 Nov 2026',
    ]);
    expect(groups[2].options.map(({ label }) => label)).toEqual(['areas.png (#4)', 'mask.png (#4)']);
  });

  it('name results by their folder where nothing is known of their run', () => {
    const strange = { ...result(4, 'areas.png'), run: undefined };
    const groups = groupsOf(image(), [result(3, 'x.png', { finishedMs: null }), strange]);
    expect(groups.map(({ label }) => label)).toEqual(['Results of Nuclei #3', 'Results of earlier runs']);
    expect(groups[1].options[0].label).toBe('4/areas.png');
  });

  it('of results are folded in boxes, unless one is ticked', () => {
    const files = [own('tissue.png'), result(4, 'areas.png'), result(5, 'areas.png')];
    const groups = groupsOf(image({ type: 'files' }), files, ['project:runs/4/areas.png']);
    expect(groups.map(({ isFolded }) => isFolded)).toEqual([false, true, false]);
  });

  it('can be searched where they are many', () => {
    const many = Array.from({ length: 20 }, (_, index) => result(index + 1, 'areas.png'));
    expect(fieldView(image(), '', true, REMARKS, many, {}).searchFiles).toBe(20);
    expect(fieldView(image(), '', true, REMARKS, many.slice(0, 5), {}).searchFiles).toBeNull();
  });
});
