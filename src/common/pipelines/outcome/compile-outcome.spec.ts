import type { Manifest } from '../manifest';
import { compileYaml } from '../pipeline-yaml';

const PARAMETERS = `command: run
parameters:
  - { name: segment, type: boolean }
  - { name: analyse, type: boolean }
  - { name: images, type: files }
  - { name: marker, type: string, required: false }
`;
const compiled = (source: string) => compileYaml('x', PARAMETERS + source);
const faultsOf = (source: string): string[] => {
  const result = compiled(source);
  return Array.isArray(result) ? result : [];
};

describe('steps and outcome of a manifest', () => {
  it('are what they say, and need say little', () => {
    const manifest = compiled(`
steps:
  - { id: segment, parameter: segment, start: '^>>> Start segment', end: '^>>> End segment', requiredOutputs: ['analysis/*.csv'] }
  - { id: analyse, title: The analysis, when: analyse and not empty(marker), end: done, needs: [{ step: segment }, { files: 'a/*.csv' }] }
  - { id: always, requiredOutputs: ['*.log'] }
outcome:
  log: { errors: ['^ERROR'] }
  ended: { file: LAST_RUN_ID, equals: '{runId}' }
  rows: { of: images, key: '{images.stem}_', ok: 'saved (?<row>.+)', failed: 'failed (?<row>.+): (?<reason>.*)', requiredOutputs: ['{images.stem}_m.png'] }
`) as Manifest;
    expect(manifest.steps).toEqual([
      {
        id: 'segment',
        title: 'Segment',
        when: 'segment',
        at: 'segment',
        start: '^>>> Start segment',
        end: '^>>> End segment',
        requiredOutputs: ['analysis/*.csv'],
      },
      {
        id: 'analyse',
        title: 'The analysis',
        when: 'analyse and not empty(marker)',
        at: 'analyse',
        end: 'done',
        needs: [[{ step: 'segment' }, { files: 'a/*.csv' }]],
      },
      { id: 'always', title: 'Always', requiredOutputs: ['*.log'] },
    ]);
    expect(manifest.outcome).toMatchObject({
      successCodes: [0],
      log: { errors: ['^ERROR'], ignore: [] },
      ended: { file: 'LAST_RUN_ID', equals: [{ place: 'runId' }] },
      rows: { key: [{ name: 'images', field: 'stem' }, '_'] },
    });
  });

  it('may need several things, each in one of several ways', () => {
    const manifest = compiled(`
steps:
  - { id: a, end: x }
  - { id: b, end: x }
  - { id: c, parameter: analyse, end: x, needs: [[{ step: a }], [{ step: b }, { files: '*.h5ad' }]] }
`) as Manifest;
    expect(manifest.steps?.[2]?.needs).toEqual([[{ step: 'a' }], [{ step: 'b' }, { files: '*.h5ad' }]]);
  });

  it.each([
    ['steps: [{ id: a b, end: x }]', /Line 7, steps.1.id: The id of a step/],
    ['steps: [{ id: a, end: x }, { id: a, end: x }]', /steps.2.id: There are two steps a/],
    ['steps: [{ id: a }]', /steps.1: Nothing tells whether a succeeded/],
    ['steps: [{ id: a, end: "(" }]', /steps.1.end: .*nterminated group/],
    ['steps: [{ id: a, end: x, parameter: marker }]', /steps.1.parameter: “marker” is no parameter of the type boolean/],
    ['steps: [{ id: a, end: x, parameter: segmnt }]', /Did you mean segment\?/],
    ['steps: [{ id: a, end: x, parameter: segment, when: segment }]', /steps.1.when: A step says either/],
    ['steps: [{ id: a, end: x, when: images > 3 }]', /steps.1.when: /],
    ['steps: [{ id: a, end: x, needs: [{ files: x }] }]', /steps.1.needs: A step that needs others must be one/],
    [
      'steps: [{ id: a, end: x, parameter: segment, needs: [{ step: b }] }, { id: b, end: x }]',
      /steps.1.needs.1.step: “b” is no step above/,
    ],
    [
      'steps: [{ id: a, end: x, parameter: segment, needs: [{ files: x, run: marker }] }]',
      /needs.1.run: “marker” is no parameter of the type run/,
    ],
    ['outcome: { rows: { of: marker, key: x, ok: "(?<row>.)" } }', /outcome.rows.of: /],
    ['outcome: { rows: { of: images, key: x } }', /outcome.rows: Nothing tells whether a row/],
    ['outcome: { rows: { of: images, key: x, ok: "saved .*" } }', /outcome.rows.ok: It needs a group \(\?<row>…\)/],
    ['outcome: { rows: { of: images, key: "{imges.stem}", ok: "(?<row>.)" } }', /outcome.rows.key: .*images/],
    ['outcome: { ended: { file: x, equals: "{marker}" } }', /outcome.ended.equals: /],
    ['outcome: { log: { error: [x] } }', /outcome.log.error: There is no such field. Did you mean errors/],
  ])('are refused with line, field and sentence: %s', (source, sentence) => {
    expect(
      faultsOf(source).map((fault) => fault.replace(/^Line 7, ([^:]*):/, (_, path: string) => `Line 7, ${path.replaceAll(', ', '.')}:`)),
    ).toEqual([expect.stringMatching(sentence)]);
  });
});
