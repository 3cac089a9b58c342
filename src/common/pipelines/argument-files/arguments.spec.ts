import * as fc from 'fast-check';
import { renderArguments } from '../arguments';
import type { Manifest } from '../manifest';
import { checkParameters } from '../parameters';
import { compileYaml } from '../pipeline-yaml';
import { stagedFiles } from './staged-names';

const places = {
  resolveFile: (reference: string) => `/in/${reference.slice(8)}`,
  outputFolder: '/out',
  projectFolder: '/project',
  runId: '12',
};
const pathOf = places.resolveFile;
const yaml = (source: string): Manifest => {
  const compiled = compileYaml('y', `command: run\n${source}`);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
};
const anyFile = (reference: string) => Promise.resolve({ name: reference.slice(8), path: pathOf(reference) });
const argvOf = async (manifest: Manifest, submitted: Record<string, unknown>) => {
  const check = await checkParameters(manifest, submitted, anyFile);
  return check.ok ? renderArguments(manifest, check.values, places) : check.errors;
};

describe('arguments', () => {
  it('name places with text around them, and nothing that was entered', async () => {
    const manifest = yaml(
      `arguments: ['{workFolder}/data', '--id={runId}', [--project, '{projectFolder}'], '--in={workFolder}/a/{runId}']`,
    );
    expect(await argvOf(manifest, {})).toEqual(['/out/data', '--id=12', '--project', '/project', '--in=/out/a/12']);
    const mixed = "command: run\nparameters: [{ name: a, type: string }]\narguments: ['{workFolder}/{a}']";
    expect(compileYaml('y', mixed)).toEqual([expect.stringContaining('mixes text and a value')]);
  });

  it('name a parameter that is called as a place, as they always did', async () => {
    const manifest = yaml(`parameters: [{ name: runId, type: string }]\narguments: ['--id={runId}', '{runId}']`);
    expect(await argvOf(manifest, { runId: 'mine' })).toEqual(['--id=mine', 'mine']);
    expect(compileYaml('y', `command: run\nparameters: [{ name: runId, type: string }]\narguments: ['{runId}/x']`)).toHaveLength(1);
  });

  it('spell a boolean as the manifest says', async () => {
    const manifest = yaml(
      `parameters: [{ name: fast, type: boolean, spelling: { true: yes, false: no } }]\narguments: ['-fast={fast}', '{fast}']`,
    );
    expect(await argvOf(manifest, { fast: true })).toEqual(['-fast=yes', 'yes']);
    expect(await argvOf(manifest, { fast: false })).toEqual(['-fast=no', 'no']);
  });

  it('join a list where each item stays one, or refuse it at its field', async () => {
    const manifest = yaml(`parameters: [{ name: files, type: files }]\narguments: [{ value: files, flag: --in, join: ',' }]`);
    expect(await argvOf(manifest, { files: ['project:a', 'project:b'] })).toEqual(['--in=/in/a,/in/b']);
    expect(await argvOf(manifest, { files: ['project:a,b'] })).toEqual(['--in=/in/a,b']);
    expect(await argvOf(manifest, { files: ['project:a,b', 'project:c'] })).toEqual({
      files: expect.stringContaining('“in/a,b” holds “,”'),
    });
    const name = fc.string({ unit: fc.constantFrom('a', ',', ' ', 'é', ';', "'"), minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), async (names) => {
        const argv = await argvOf(manifest, { files: names.map((one) => `project:${one}`) });
        const isJoined = names.length > 1 && names.some((one) => one.includes(','));
        if (Array.isArray(argv))
          expect(names.length === 1 ? [argv[0].slice(5)] : argv[0].slice(5).split(',')).toEqual(names.map((one) => `/in/${one}`));
        expect(Array.isArray(argv)).toBe(!isJoined);
      }),
    );
  });
});

describe('names of staged files', () => {
  const manifest =
    yaml(`parameters: [{ name: files, type: files }, { name: one, type: file, required: false }, { name: stain, type: string, required: false }]
arguments: []
stage: [{ parameter: files, to: data/, name: '{stem}{ext}' }, { parameter: one, to: data/, name: '{stain}{ext}' }]`);
  const errors = async (submitted: Record<string, unknown>) => argvOf(manifest, submitted);

  it('are refused where two files would have one, or what they are made of is no name', async () => {
    expect(await errors({ files: ['project:a/x.tif', 'project:b/y.tif'], one: 'project:z.tif', stain: 'DAPI' })).toEqual([]);
    expect(await errors({ files: ['project:a/x.tif', 'project:b/x.tif'] })).toEqual({
      files: expect.stringContaining('Two of the files would be called data/x.tif'),
    });
    expect(await errors({ files: ['project:DAPI.tif'], one: 'project:z.tif', stain: 'DAPI' })).toEqual({
      one: expect.stringContaining('data/DAPI.tif'),
    });
    expect(await errors({ files: ['project:x.tif'], one: 'project:z.tif', stain: '../../z' })).toEqual({
      one: expect.stringContaining('cannot be the name of a file'),
    });
    expect(await errors({ files: ['project:x.tif'], one: 'project:z', stain: '..' })).toEqual({
      one: expect.stringContaining('cannot be the name of a file'),
    });
  });

  it('never lead out of their folder, whatever is entered', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('..', '.', '/', 'a/b', '../x', '', '\0')), (stain) => {
        const rules = { pathOf, workFolder: '/out', outputFolder: '/out', projectFolder: '/project', runId: '1' };
        const { files, faults } = stagedFiles(manifest, manifest.parameters, { one: 'project:z', stain }, rules);
        if (faults.length === 0) for (const { path } of files) expect(path).toMatch(/^data\/(?!\.{1,2}$)[^/\0]+$/);
      }),
    );
  });
});
