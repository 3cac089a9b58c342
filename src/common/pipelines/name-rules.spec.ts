import { nameErrors, type NameRule } from './name-rules';
import { compileYaml } from './pipeline-yaml';

const PARAMETERS = [
  { name: 'images', label: 'Images' },
  { name: 'one', label: 'One' },
  { name: 'many', label: 'Many' },
];
const FILES: NameRule = { names: ['one', 'many'], files: 'images', glob: '*{name}.*', unless: '*.qptiff' };
const images = (...names: string[]) => names.map((name) => `project:slides/${name}`);

describe('rules for names', () => {
  it('ask for exactly one file of each name', () => {
    const errors = (values: Record<string, string | string[]>) => nameErrors([FILES], PARAMETERS, values);
    expect(errors({ images: images('DAPI.tif', 'CD8.tif'), one: 'DAPI', many: ['DAPI', 'CD8'] })).toEqual({});
    expect(errors({ images: images('DAPI.tif', 'L1.tif', 'PDL1.ome.tif'), many: ['L1', 'CD4', 'DAPI'] })).toEqual({
      many:
        '“L1” fits several files: L1.tif, PDL1.ome.tif. The program would take the wrong one, and say nothing. Leave out those that are not meant, or rename them. ' +
        '“CD4” has no file: none of “Images” is called *CD4.*. Choose one, or leave the name out.',
    });
  });

  it('take a name as it is, and its case', () => {
    const of = (name: string, file: string) => nameErrors([FILES], PARAMETERS, { images: images(file), one: name });
    for (const [name, file] of [
      ['C[1]', 'C1.tif'],
      ['D*', 'DAPI.tif'],
      ['D.P', 'DAP.tif'],
      ['dapi', 'DAPI.tif'],
      ['(a|b)', 'a.tif'],
    ]) {
      expect(of(name, file)).toHaveProperty('one');
    }
    for (const name of ['C[1]', 'D*', 'a+b', '$1', 'β-catenin', 'a\\b']) expect(of(name, `x_${name}.tif`)).toEqual({});
  });

  it('ask for a file of each name alone, whoever asks for it', () => {
    const errors = (one: string, ...many: string[]) =>
      nameErrors([FILES], PARAMETERS, { images: images('DAPI.tif', 'PDL1.tif'), one, many });
    const sentence =
      '“L1” and “PDL1” both fit PDL1.tif. The program would take it for one of them, and say nothing. Leave out the other, or choose its file.';
    expect(errors('DAPI', 'L1', 'PDL1')).toEqual({ many: sentence });
    expect(errors('L1', 'PDL1')).toEqual({ one: sentence, many: sentence });
    expect(errors('PDL1', 'PDL1', 'DAPI')).toEqual({});
  });

  it('ask for one file at most where the names may stand inside of one', () => {
    const beside = { images: images('slide.qptiff', 'L1.tif', 'PDL1.tif'), many: ['L1', 'PDL1', 'CD8'] };
    expect(nameErrors([FILES], PARAMETERS, beside)).toEqual({
      many: expect.stringMatching(/^“L1” fits several files: L1.tif, PDL1.tif\.[^“]*$/),
    });
  });

  it('are asleep without files, and where the names stand inside of one', () => {
    expect(nameErrors([FILES], PARAMETERS, { one: 'X' })).toEqual({});
    expect(nameErrors([FILES], PARAMETERS, { images: images('slide.QPTIFF'), one: 'X' })).toEqual({});
  });

  it('ask for names among others', () => {
    const rule: NameRule = { names: ['many'], among: 'one' };
    expect(nameErrors([rule], PARAMETERS, { one: 'a', many: ['a', 'b'] })).toEqual({
      many: '“b” is not among “One”. Add it there, or leave it out here.',
    });
    expect(nameErrors([rule], PARAMETERS, { many: ['b'] })).toEqual({});
  });

  it('are checked when they are read', () => {
    const source = (rule: string) => `command: x
parameters: [{ name: images, type: files }, { name: one, type: string }, { name: size, type: integer }]
nameRules:
  - ${rule}
`;
    expect(compileYaml('x', source("{ names: [one], files: images, glob: '*{name}.*' }"))).not.toBeInstanceOf(Array);
    expect(compileYaml('x', source("{ names: [won], files: images, glob: '*{name}.*' }"))).toEqual([
      expect.stringContaining('nameRules 1, names 1'),
    ]);
    expect(compileYaml('x', source("{ names: [size], files: one, glob: '*{name}.*' }"))).toEqual([
      'Line 4, nameRules 1, names 1: “size” is a parameter of another type.',
      'Line 4, nameRules 1, files: “one” is a parameter of another type.',
    ]);
    expect(compileYaml('x', source("{ names: [one], files: images, glob: '*.*' }"))).toEqual([expect.stringContaining('*_{name}.*')]);
  });
});
