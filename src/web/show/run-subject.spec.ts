import type { ParameterView } from './run-facts';
import { runSubject } from './run-subject';

const view = (over: Partial<ParameterView>): ParameterView => ({
  name: 'x',
  label: 'X',
  values: [],
  unit: '',
  changed: false,
  isFile: false,
  table: null,
  ...over,
});
const image = (...values: string[]) => view({ label: 'Image', values, isFile: true });

describe('what tells a run from others', () => {
  it('names its inputs, and what was entered otherwise than offered', () => {
    const sigma = view({ label: 'Smoothing', values: ['2.5'], unit: 'px', changed: true });
    const same = view({ label: 'Factor', values: ['0.9'] });
    expect(runSubject([image('a.tif'), sigma, same])).toBe('a.tif · Smoothing: 2.5 px');
    expect(runSubject([same])).toBe('');
  });

  it('says when something was emptied', () => {
    expect(runSubject([view({ label: 'Largest', changed: true })])).toBe('Largest: none');
  });

  it('counts what would be too long', () => {
    expect(runSubject([image('a.tif', 'b.tif', 'c.tif')])).toBe('a.tif and 2 more');
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((label) => view({ label, values: ['1'], changed: true }));
    expect(runSubject(many)).toBe('a: 1 · b: 1 · c: 1 · d: 1 · 2 more settings');
  });
});
