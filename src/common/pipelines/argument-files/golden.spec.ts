import { parse } from 'yaml';
import { z } from 'zod';
import type { Manifest, Parameter, ParameterValues } from '../manifest';
import { compileFiles } from './compile-files';
import { workFolderFields } from './file-schema';
import { fileErrors, filesFor } from './render-files';
import type { FilePlaces } from './scope';

const places: FilePlaces = {
  pathOf: (reference) => `/srv/files/${reference.slice(reference.indexOf(':') + 1)}`,
  workFolder: '/srv/files/runs/12',
  outputFolder: '/srv/files/runs/12',
  projectFolder: '/srv/files',
  runId: '12',
};
/** Rules for files beside parameters of types that only forms know. */
function ruled(source: string, parameters: object[]): Pick<Manifest, 'parameters' | 'files' | 'stage' | 'runId'> {
  const known = parameters as Parameter[];
  const faults: string[] = [];
  const rules = compileFiles(z.strictObject(workFolderFields).parse(parse(source)), known, (path, fault) =>
    faults.push(`${path.join('.')}: ${fault}`),
  );
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return { parameters: known, ...rules };
}

const written = (manifest: Parameters<typeof filesFor>[0], values: ParameterValues) =>
  Object.fromEntries(filesFor(manifest, values, places).written.map(({ path, content }) => [path, content]));

const HPASEG = `
files:
  - path: path_list.csv
    format: rows
    rows: fovs
    header: comment
    comment: '#'
    quote: never
    columns:
      - { header: r_image, value: '{red}' }
      - { header: y_image, value: '{yellow}' }
      - { header: b_image, value: '{blue}' }
      - { header: g_image, value: '{green}' }
      - { header: segmentation_folder, value: masks }
      - { header: crop_folder, value: '{crops}' }
      - { header: output_prefix, value: '{sample}_' }
  - path: config.yaml
    format: yaml
    value: { crop_cells: '{crop}', crop_size: '{size}', crop_bitdepth: 8, models: ['{model}', 'dpn_{model}'] }
`;
const FOV_TABLE = {
  name: 'fovs',
  label: 'Fields of view',
  type: 'table',
  columns: [{ name: 'sample', type: 'string' }, ...['red', 'yellow', 'blue', 'green'].map((name) => ({ name, type: 'file' }))],
};
const HPASEG_PARAMETERS = [
  FOV_TABLE,
  { name: 'crops', type: 'string', label: 'Crops' },
  { name: 'crop', type: 'boolean', label: 'Crop' },
  { name: 'size', type: 'integer', label: 'Size' },
  { name: 'model', type: 'string', label: 'Model' },
];
const fov = (sample: string, colours: string[]) => ({
  sample,
  ...Object.fromEntries(colours.map((colour) => [colour, `project:${sample}_${colour}.tif`])),
});

describe('the path list of HPAseg', () => {
  const fovs = [
    fov('B2_1', ['red', 'yellow', 'blue', 'green']),
    fov('B2_2', ['red', 'blue', 'green']),
    fov('B2_3', ['red', 'yellow', 'blue']),
  ];

  it('is exactly this for three fields of view, of which two miss a channel', () => {
    const files = written(ruled(HPASEG, HPASEG_PARAMETERS), { fovs, crops: 'crops', crop: true, size: '1024', model: 'no' });
    expect(files).toEqual({
      'path_list.csv': `#r_image,y_image,b_image,g_image,segmentation_folder,crop_folder,output_prefix
/srv/files/B2_1_red.tif,/srv/files/B2_1_yellow.tif,/srv/files/B2_1_blue.tif,/srv/files/B2_1_green.tif,masks,crops,B2_1_
/srv/files/B2_2_red.tif,,/srv/files/B2_2_blue.tif,/srv/files/B2_2_green.tif,masks,crops,B2_2_
/srv/files/B2_3_red.tif,/srv/files/B2_3_yellow.tif,/srv/files/B2_3_blue.tif,,masks,crops,B2_3_
`,
      'config.yaml': `crop_cells: true
crop_size: 1024
crop_bitdepth: 8
models:
  - "no"
  - "dpn_no"
`,
    });
  });

  it('refuses beside the table, with the row, what a reader without quotes would split, trim or pass over', () => {
    const manifest = ruled(HPASEG, HPASEG_PARAMETERS);
    const sentences = (sample: string) => fileErrors(manifest, { fovs: [fovs[0], { ...fovs[1], sample }] }, places.pathOf)['fovs'];
    expect(sentences('a,b')).toBe(
      'Row 2: “a,b” cannot be written: the file path_list.csv of this pipeline takes no “,”. Change or remove that.',
    );
    expect(sentences('a"b')).toContain('takes no “"”');
    expect(sentences('a\nb')).toContain('line breaks');
    expect(sentences('a b')).toBeUndefined();
    const comma = [{ ...fovs[0], red: 'project:Plate 1, B2/red.tif' }];
    expect(fileErrors(manifest, { fovs: comma }, places.pathOf)['fovs']).toMatch(
      /^Row 1: “.*B2\/red\.tif” .* Rename the file or its folder/,
    );
    expect(() => filesFor(manifest, { fovs: comma }, places)).toThrow('Fields of view: Row 1:');
  });
});

describe('the list of ProtiCelli', () => {
  const PROTICELLI = `
files:
  - path: requests.csv
    format: rows
    rows: [cells, proteins]
    columns:
      - { header: image, value: '{cells}' }
      - { header: protein, value: '{proteins}' }
      - { header: cell_line, value: '{line}' }
      - { header: output_prefix, value: '{cells.stem}' }
  - path: options.json
    format: json
    value: { steps: '{steps}', seed: '{seed}', proteins: '{proteins}', line: '{line}', name: 'cells of {line}' }
`;
  const parameters = [
    { name: 'cells', type: 'files', label: 'Cells' },
    { name: 'proteins', type: 'pick', many: true, label: 'Proteins' },
    { name: 'line', type: 'string', label: 'Cell line' },
    { name: 'steps', type: 'integer', label: 'Steps' },
    { name: 'seed', type: 'integer', label: 'Seed' },
  ];
  const values = {
    cells: ['project:cell_0.tiff', 'project:cell, 1.tiff'],
    proteins: ['ACTB', 'HLA-A,HLA-B'],
    line: 'hTERT-RPE1 (serum starved)',
    steps: '50',
  };

  it('is exactly this, each cell with each protein, though a protein has a comma in its key', () => {
    expect(written(ruled(PROTICELLI, parameters), values)).toEqual({
      'requests.csv': `image,protein,cell_line,output_prefix
/srv/files/cell_0.tiff,ACTB,hTERT-RPE1 (serum starved),cell_0
/srv/files/cell_0.tiff,"HLA-A,HLA-B",hTERT-RPE1 (serum starved),cell_0
"/srv/files/cell, 1.tiff",ACTB,hTERT-RPE1 (serum starved),"cell, 1"
"/srv/files/cell, 1.tiff","HLA-A,HLA-B",hTERT-RPE1 (serum starved),"cell, 1"
`,
      'options.json': `{
  "steps": 50,
  "proteins": [
    "ACTB",
    "HLA-A,HLA-B"
  ],
  "line": "hTERT-RPE1 (serum starved)",
  "name": "cells of hTERT-RPE1 (serum starved)"
}
`,
    });
  });

  it('refuses a key with a comma where the keys are joined by commas', () => {
    const joined = ruled("files: [{ path: a.txt, format: lines, quote: single, lines: [{ words: ['-p={proteins}'] }] }]", parameters);
    expect(fileErrors(joined, { ...values, proteins: ['ACTB'] }, places.pathOf)).toEqual({});
    expect(fileErrors(joined, values, places.pathOf)['proteins']).toContain('in one of several, which it separates');
  });
});
