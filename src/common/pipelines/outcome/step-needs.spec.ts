import type { Manifest } from '../manifest';
import { checkParameters } from '../parameters';
import { compileYaml } from '../pipeline-yaml';
import { NO_SURROUNDINGS } from '../surroundings';

const manifest = compileYaml(
  'x',
  `command: run
parameters:
  - { name: earlier, type: run, label: Earlier run, required: false }
  - { name: segment, type: boolean, label: Segmentation }
  - { name: analyse, type: boolean, label: Analysis }
  - { name: cluster, type: boolean, when: analyse }
  - { name: refine, type: boolean }
  - { name: export, type: boolean }
arguments: []
stage:
  - { run: earlier, globs: ['data/**'], to: '' }
steps:
  - { id: segmentation, parameter: segment, end: x, invalidates: ['data/analysis/**'] }
  - { id: analysis, parameter: analyse, end: x, needs: [{ step: segmentation }, { files: data/analysis/cell_data.csv, run: earlier }], invalidates: ['data/analysis/downstream/**'] }
  - { id: refinement, when: refine and analyse, end: x, needs: [{ files: cell_types.csv }] }
  - id: export
    parameter: export
    end: x
    needs: [[{ step: segmentation }, { files: data/analysis/cell_data.csv, run: earlier }], [{ step: analysis }, { files: 'data/**/*.h5ad', run: earlier }]]
`,
) as Manifest;

const project = ['DAPI.tif'];
const runs: Record<string, string[]> = {
  7: ['data/analysis/cell_data.csv', 'data/analysis/downstream/anndata.h5ad', 'notes.txt'],
  8: ['other/cell_data.csv'],
};

async function errorsOf(submitted: Record<string, unknown>, files = project) {
  const check = await checkParameters(manifest, submitted, () => Promise.reject(new Error('no file is asked for')), {
    ...NO_SURROUNDINGS,
    runFault: (_, run) => Promise.resolve(Object.hasOwn(runs, run) ? undefined : 'There is no such run.'),
    files: (run) => Promise.resolve(run === null ? files : runs[run]),
  });
  return check.ok ? {} : check.errors;
}

describe('what steps need', () => {
  it('is met by a ticked step, or by files of the chosen run', async () => {
    expect(await errorsOf({})).toEqual({});
    expect(await errorsOf({ segment: 'true', analyse: 'true', export: 'true' })).toEqual({});
    expect(await errorsOf({ analyse: 'true', earlier: '7' })).toEqual({});
    expect(await errorsOf({ export: 'true', earlier: '7' })).toEqual({});
  });

  it('is told beside the box, with what to tick or choose', async () => {
    const sentence =
      'Analysis cannot run like this: tick Segmentation, or choose under “Earlier run” a run that has data/analysis/cell_data.csv.';
    expect(await errorsOf({ analyse: 'true' })).toEqual({ analyse: sentence });
    expect(await errorsOf({ analyse: 'true', earlier: '8' })).toEqual({ analyse: sentence });
    // Nothing is read of a run that may not be used.
    expect(await errorsOf({ analyse: 'true', earlier: '99' })).toEqual({ analyse: sentence, earlier: 'There is no such run.' });
  });

  it('is not met by files that another ticked step makes anew', async () => {
    expect(await errorsOf({ segment: 'true', export: 'true', earlier: '7' })).toEqual({
      export: 'Export cannot run like this: tick Analysis, or leave out what makes data/**/*.h5ad of “Earlier run” anew (Segmentation).',
    });
  });

  it('may be a file of the project, for a step whose condition names several boxes', async () => {
    const ticked = { segment: 'true', analyse: 'true', refine: 'true' };
    expect(await errorsOf(ticked)).toEqual({ refine: 'Refinement cannot run like this: put a file cell_types.csv into the project.' });
    expect(await errorsOf(ticked, ['cell_types.csv'])).toEqual({});
    expect(await errorsOf({ refine: 'true' })).toEqual({});
  });
});
