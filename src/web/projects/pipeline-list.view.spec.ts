import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Obstacle } from '../../common/waiting/waiting-reason';
import { pipelineLines, whileFull } from './pipeline-list.view';

const file = (over: object = {}) =>
  ({
    type: 'file',
    name: 'image',
    label: 'Image',
    help: '',
    required: true,
    advanced: false,
    accept: ['.tif', '.png'],
    ...over,
  }) as Parameter;
const pipeline = (title: string, ...parameters: Parameter[]) => ({ id: title, title, icon: 'photo', parameters }) as unknown as Manifest;
const NOTHING = new Map<string, Obstacle>();
const lines = (manifest: Manifest, names: string[], obstacles = NOTHING) => pipelineLines([manifest], names, obstacles)[0];
const noSlurm = (id: string) => new Map<string, Obstacle>([[id, { kind: 'engine', engine: 'slurm', last: null }]]);

describe('the pipelines beside a project', () => {
  it('are ready when there is a file for each required input', () => {
    expect(lines(pipeline('nuclei', file()), ['a.TIF', 'b.png', 'c.csv'])).toMatchObject({
      isReady: true,
      sentence: '2 files of this project found. Ready.',
    });
  });

  it('are ready for nobody while the space is full, and otherwise say what they need', () => {
    const said = whileFull(pipelineLines([pipeline('nuclei', file()), pipeline('fasta', file({ accept: ['.fa'] }))], ['a.tif'], NOTHING));
    expect(said).toMatchObject([
      { isReady: false, sentence: 'Ready when there is space again.' },
      { isReady: false, sentence: 'Needs a file ending in .fa.' },
    ]);
  });

  it('count files of the project, results and the inbox each by themselves, and are ready by any of them', () => {
    const nuclei = pipeline('nuclei', file());
    const others = { results: ['areas.png', 'mask.tif', 'log.txt'], inbox: ['b.tif'] };
    const sentence = '1 file of this project, 2 results, 1 in the inbox found. Ready.';
    expect(pipelineLines([nuclei], ['a.tif'], NOTHING, others)[0]?.sentence).toBe(sentence);
    const one = { results: ['areas.png'], inbox: [] };
    expect(pipelineLines([nuclei], [], NOTHING, one)[0]).toMatchObject({ isReady: true, sentence: '1 result found. Ready.' });
    expect(pipelineLines([nuclei], ['a.tif', 'b.csv'], NOTHING, null)[0]?.sentence).toBe('1 of the chosen files fits. Ready.');
  });

  it('say what they still need', () => {
    expect(lines(pipeline('nuclei', file()), ['c.csv'])).toMatchObject({ isReady: false, sentence: 'Needs a file ending in .tif, .png.' });
    expect(lines(pipeline('any', file({ accept: [] })), [])?.sentence).toBe('Needs 1 file.');
    const many = file({ accept: ['.a', '.b', '.c', '.d', '.e'] });
    expect(lines(pipeline('many', many), [])?.sentence).toBe('Needs a file ending in .a, .b, .c, .d or the like.');
    expect(lines(pipeline('pair', file({ type: 'files', minItems: 2, maxItems: 9 })), ['a.tif'])?.sentence).toBe('Needs 2 files.');
  });

  it('say what rows are made of that no file fits yet', () => {
    const rows = {
      type: 'table',
      name: 'fields',
      required: true,
      columns: [],
      fill: { source: 'fields', columns: {} },
    } as unknown as Parameter;
    const sources = { fields: { kind: 'files', files: '(?<sample>.+)_(?<channel>red|blue)\\.png', folder: '' } };
    const cells = { ...pipeline('cells', rows), sources, takes: 'an image per channel' } as unknown as Manifest;
    expect(lines(cells, ['notes.csv', 'a_green.png'])).toMatchObject({ isReady: false, sentence: 'Needs an image per channel.' });
    expect(lines(cells, ['plate/a_red.png'])).toMatchObject({ isReady: true, sentence: 'Ready.' });
  });

  it('need nothing for inputs that apply only after another choice', () => {
    const split = { type: 'boolean', name: 'split', default: false } as Parameter;
    expect(lines(pipeline('masked', split, file({ when: 'split' })), [])).toMatchObject({ isReady: true, sentence: 'Ready.' });
    expect(lines(pipeline('masked', split, file({ when: 'not split' })), [])).toMatchObject({ isReady: false });
    expect(lines(pipeline('asked', split, file({ required: false, requiredWhen: 'not split' })), [])).toMatchObject({ isReady: false });
  });

  it('need nothing for optional inputs', () => {
    expect(lines(pipeline('words', file({ required: false })), [])).toMatchObject({ isReady: true, sentence: 'Ready.' });
  });

  it('are not ready where no runner takes them, and say why beside what else they need', () => {
    const why = 'Not available at the moment. It needs Slurm, which no runner offers.';
    expect(lines(pipeline('spots', file()), ['a.tif'], noSlurm('spots'))).toMatchObject({
      isReady: false,
      isHindered: true,
      sentence: `1 file of this project found. ${why}`,
    });
    expect(lines(pipeline('spots'), [], noSlurm('spots'))).toMatchObject({ isHindered: true, sentence: why });
    expect(lines(pipeline('spots', file()), [], noSlurm('spots'))).toMatchObject({
      isReady: false,
      isHindered: true,
      sentence: `${why} Needs a file ending in .tif, .png.`,
    });
    expect(lines(pipeline('others'), [], noSlurm('spots'))).toMatchObject({ isReady: true, isHindered: false, sentence: 'Ready.' });
  });

  it('come ready ones first, then those that need files, and last what no runner takes', () => {
    const all = pipelineLines([pipeline('needy', file()), pipeline('spots'), pipeline('easy')], [], noSlurm('spots'));
    expect(all.map((line) => line.title)).toEqual(['easy', 'needy', 'spots']);
  });
});
