import type { RunDetails } from '../../common/queue/run.entity';
import { parameterViews } from './run-facts';

const details = (parameters: Record<string, unknown>) =>
  ({
    parameters,
    manifest: {
      parameters: [
        { name: 'split', label: 'Split', type: 'boolean', default: true, required: false },
        { name: 'distance', label: 'Distance', type: 'number', default: 6, required: false, unit: 'px', when: 'split' },
        { name: 'note', label: 'Note', type: 'string', default: '', required: false },
      ],
    },
  }) as unknown as RunDetails;

describe('the settings of a run', () => {
  it('are those that applied, also where they were left empty', () => {
    const views = parameterViews(details({ split: true, distance: '12' }));
    expect(views.map(({ name, values, changed }) => [name, values, changed])).toEqual([
      ['split', ['yes'], false],
      ['distance', ['12'], true],
      ['note', [], false],
    ]);
    expect(parameterViews(details({ split: false })).map(({ name }) => name)).toEqual(['split', 'note']);
  });

  it('may be those of a manifest that is not known any more', () => {
    const views = parameterViews({ parameters: { old: 'x' }, manifest: {} });
    expect(views).toEqual([{ name: 'old', label: 'old', values: ['x'], unit: '', changed: false }]);
  });
});
