import type { Parameter } from '../../common/pipelines/manifest';
import { afterChoices } from './after-choices';
import type { FollowedRun } from './followed-runs';

const followed = (globs: string[]): FollowedRun => ({
  number: 12,
  title: 'Segment',
  isOver: false,
  outputs: globs.map((glob) => ({ glob, kind: 'table', title: '' })) as FollowedRun['outputs'],
});
const offered = (globs: string[], parameters: unknown[]) =>
  afterChoices(followed(globs), parameters as Parameter[]).map(({ reference }) => reference);

test.each([
  ['what the pipeline gives', ['*.csv'], [{ type: 'file', accept: ['.csv'] }], ['after:*.csv']],
  ['endings that it does not name', ['*.csv'], [{ type: 'files', accept: ['.tif'] }], ['after:*.csv', 'after:**/*.tif']],
  ['endings of columns', [], [{ type: 'table', columns: [{ type: 'file', accept: ['.tif'] }, { type: 'string' }] }], ['after:**/*.tif']],
  ['anything to fields that take anything, where nothing is named', [], [{ type: 'file', accept: [] }], ['after:**/*']],
  ['nothing where no field takes files', [], [{ type: 'number' }], []],
])('offers %s', (_, globs, parameters, expected) => {
  expect(offered(globs, parameters)).toEqual(expected);
});

test('offers nothing where no run is followed', () => {
  expect(afterChoices(null, [{ type: 'file', accept: [] }] as unknown as Parameter[])).toEqual([]);
});
