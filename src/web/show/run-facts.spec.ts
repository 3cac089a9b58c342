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

  it('say what a 0 does, where it is no amount', () => {
    const parameters = [
      { name: 'most', label: 'Largest', type: 'integer', default: 0, required: false, unit: 'px²', zeroMeans: 'no limit' },
    ];
    const told = (most: unknown) => parameterViews({ parameters: { most }, manifest: { parameters } })[0];
    expect(told(0)).toMatchObject({ values: ['no limit'], unit: '', changed: false });
    expect(told('5')).toMatchObject({ values: ['5'], unit: 'px²', changed: true });
  });

  it('may be those of a manifest that is not known any more', () => {
    const views = parameterViews({ parameters: { old: 'x' }, manifest: {} });
    expect(views).toEqual([{ name: 'old', label: 'old', values: ['x'], unit: '', changed: false, isFile: false, table: null }]);
  });

  it('show lists one by one, labels of choices, tables as tables, and nothing of what is constant', () => {
    const manifest = {
      parameters: [
        {
          name: 'stains',
          label: 'Stains',
          type: 'choices',
          default: ['a'],
          options: [
            { value: 'a', label: 'DAPI' },
            { value: 'b', label: 'CD3' },
          ],
        },
        { name: 'radii', label: 'Radii', type: 'list', default: ['1', '5'], unit: 'px' },
        { name: 'earlier', label: 'Earlier', type: 'run' },
        { name: 'mode', label: 'Mode', type: 'constant', default: 'x' },
        {
          name: 'rows',
          label: 'Rows',
          type: 'table',
          columns: [
            { name: 'red', label: 'Red', type: 'file' },
            { name: 'crop', label: 'Crop', type: 'boolean' },
            { name: 'names', label: 'Names', type: 'pick' },
          ],
        },
      ],
    };
    const rows = [
      { red: 'project:a.tif', crop: 'true', names: ['A', 'B'] },
      { red: 'project:b.tif', crop: 'false' },
    ];
    const parameters = { stains: ['a', 'b'], radii: ['1', '5'], earlier: '7', mode: 'x', rows };
    const views = parameterViews({ parameters, manifest });
    expect(views.map(({ name, values, changed, table }) => [name, values, changed, table])).toEqual([
      ['stains', ['DAPI', 'CD3'], true, null],
      ['radii', ['1', '5'], false, null],
      ['earlier', ['#7'], false, null],
      [
        'rows',
        ['2 rows'],
        false,
        {
          columns: ['Red', 'Crop', 'Names'],
          rows: [
            ['a.tif', 'yes', 'A, B'],
            ['b.tif', 'no', ''],
          ],
          more: 0,
        },
      ],
    ]);
    const long = parameterViews({ parameters: { radii: Array.from({ length: 150 }, (_, index) => String(index)) }, manifest });
    expect(long.find(({ name }) => name === 'radii')?.values.slice(-2)).toEqual(['99', 'and 50 more']);
  });
});
