import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import type { Manifest } from '../../common/pipelines/manifest';
import { readRunCode } from './run-code';

const { parameters } = compileYaml(
  'x',
  JSON.stringify({
    command: ['true'],
    parameters: [
      { name: 'image', type: 'file' },
      { name: 'more_files', type: 'files', required: false },
      { name: 'sigma', type: 'number', default: 1 },
      { name: 'fast', type: 'boolean' },
    ],
  }),
) as Manifest;
const read = (code: string) => readRunCode(code, parameters, 'Spleen');

describe('readRunCode', () => {
  it.each([
    ['-image=a.tif -sigma=2', { image: 'project:a.tif', sigma: '2' }],
    ['--image a.tif --sigma -2 --fast', { image: 'project:a.tif', sigma: '-2', fast: 'true' }],
    ["--image '/data/projects/7/Spleen/sub dir/a.tif'", { image: 'project:sub dir/a.tif' }],
    ['image=a.tif\nsigma=2', { image: 'project:a.tif', sigma: '2' }],
    ['{"image": "a.tif", "sigma": 0.5, "fast": false}', { image: 'project:a.tif', sigma: '0.5', fast: 'false' }],
    ['--more-files=a.tif,b.tif', { more_files: ['project:a.tif', 'project:b.tif'] }],
  ])('reads %j', (code, values) => expect(read(code)).toEqual(values));

  it.each([
    '',
    'run.sh a.tif',
    '-image=a.tif -other=1',
    '-image=a.tif -image=b.tif',
    '-image=$(id)',
    '-image=a.tif; rm -rf /',
    '[1, 2]',
    'DAPI,1,2\nCD3,1,2',
  ])('does not guess what %j means', (code) => expect(read(code)).toBeNull());
});
