import { compileScript } from './annotated-script';
import type { Manifest } from './manifest';

const compile = (head: string, prefix = '##~~') => compileScript({ id: 'my-script', command: ['./my-script.sh'], head, prefix });
const manifestOf = (head: string, prefix?: string) => {
  const compiled = compile(head, prefix);
  if (compiled === null || Array.isArray(compiled)) throw new Error(`not compiled: ${String(compiled)}`);
  return compiled;
};
const onlyParameter = (line: string) => manifestOf(`#!/bin/sh\n##~~ ${line}\n`).parameters[0];
const faultsOf = (head: string) => compile(head) as string[];

describe('compileScript', () => {
  it("reads ScriptRunner's own example as it did: positions, and names that begin with input and output", () => {
    const manifest = manifestOf(
      '#!/bin/bash\n##~~ input - the input file\n##~~ conf - the configuration file\n##~~ output - the output file\necho\n',
    );
    expect(manifest.parameters.map(({ name, type, help, required }) => ({ name, type, help, required }))).toEqual([
      { name: 'input', type: 'file', help: 'the input file', required: true },
      { name: 'conf', type: 'string', help: 'the configuration file', required: true },
      { name: 'output', type: 'output', help: 'the output file', required: true },
    ]);
    expect(manifest.arguments).toEqual(
      ['input', 'conf', 'output'].map((parameter) => ({ kind: 'value', parameter, flag: null, style: 'bare', keepEmpty: true })),
    );
    expect(manifest).toMatchObject({ id: 'my-script', title: 'My script', runtime: { command: ['./my-script.sh'] } });
  });

  it.each([
    ['name - a hyphen-ated description - with more', { name: 'name', help: 'a hyphen-ated description - with more' }],
    ['input-the input file', { name: 'input', type: 'file', help: 'the input file' }],
    ['max-length - of a line', { name: 'max_length', label: 'Max length', help: 'of a line' }],
    ['inputMask - a file', { name: 'inputMask', type: 'file', label: 'Input mask' }],
    ['minDAPI - a line', { name: 'minDAPI', label: 'MinDAPI' }],
    ['input file - with a blank', { name: 'input_file', type: 'file', label: 'Input file' }],
    ['\tname\t-\ttabs\t', { name: 'name', help: 'tabs' }],
    ['name', { name: 'name', help: '', required: true }],
    ['mail: the address'.replace(': ', ' - '), { name: 'mail' }],
    ['input2 - second', { type: 'file' }],
    ['inputs:files [.tif .PNG] - images', { type: 'files', accept: ['.tif', '.png'], minItems: 1 }],
    ['input? - a mask', { type: 'file', required: false }],
    ['input:file? [tif] - a mask', { type: 'file', required: false, accept: ['.tif'] }],
    ['output=table.csv [.csv] - the table', { type: 'output', default: 'table.csv', extension: '.csv', required: false }],
    ['inputs:string - a name only', { type: 'string' }],
    ['greeting=hello world - what to say', { type: 'string', default: 'hello world', required: false }],
    ['mode=low-res - how', { default: 'low-res', help: 'how' }],
    ['mode="a - b [c]" - how', { default: 'a - b [c]', help: 'how' }],
    ['mode="say \\"hi\\"" - how', { default: 'say "hi"' }],
    ['sigma:number=1.5 [0..10] - blur radius', { type: 'number', default: 1.5, min: 0, max: 10, step: null, unit: '', required: false }],
    ['sigma : number = 1.5 [ 0 .. 10 step .5 px ]-blur', { default: 1.5, min: 0, max: 10, step: 0.5, unit: 'px', help: 'blur' }],
    ['t:number=-3 [-10..-1] - below zero', { default: -3, min: -10, max: -1 }],
    ['t:number [.5..1e3] - odd but valid', { min: 0.5, max: 1000, default: null, required: true }],
    ['t:number [0..] - open', { min: 0, max: null }],
    ['t:number [..5 µm] - open', { min: null, max: 5, unit: 'µm' }],
    ['t:number [px] - unit alone', { min: null, max: null, unit: 'px' }],
    ['n:integer? - may stay empty', { type: 'integer', required: false, default: null }],
    ['kernel:choice=box [box|gauss] - shape', { type: 'choice', default: 'box', required: false }],
    [
      'kernel:choice [ box | gauss ] - shape',
      {
        default: '',
        required: true,
        options: [
          { value: 'box', label: 'box' },
          { value: 'gauss', label: 'gauss' },
        ],
      },
    ],
    ['verbose:boolean=yes - talk', { type: 'boolean', default: true, required: false }],
    ['notes:text - for the log', { type: 'text' }],
    ['title:string - of the plot', { name: 'title', type: 'string' }],
  ])('reads "%s"', (line, expected) => {
    expect(onlyParameter(line)).toMatchObject(expected);
  });

  it('reads headings, CRLF, indentation, and passes over rulers and all other lines', () => {
    const manifest = manifestOf(
      [
        '#!/bin/sh',
        '  ##~~ title: FASTA statistics - for all',
        '##~~ Summary: Counts',
        '##~~ time: 10m',
        '##~~ parallel: 2',
        '##~~ icon: dna-2',
        '##~~~~~~~~~~~~',
        '##~~',
        '## not this - one',
        '##~~ input - a file',
        '',
      ].join('\r\n'),
    );
    expect(manifest).toMatchObject({
      title: 'FASTA statistics - for all',
      summary: 'Counts',
      icon: 'dna-2',
      limits: { timeSeconds: 600, parallel: 2 },
    });
    expect(manifest.parameters.map(({ name, help }) => [name, help])).toEqual([['input', 'a file']]);
  });

  it('takes the prefix from the setting', () => {
    expect(manifestOf('#@ input - one\n##~~ conf - not this\n', '#@').parameters.map(({ name }) => name)).toEqual(['input']);
  });

  it('answers null where nothing is annotated', () => {
    expect(compile('#!/bin/sh\necho "##~~ input"\n')).toBeNull();
  });

  it.each([
    ['sigma:numbr - x', 'Line 2: There is no type numbr. Did you mean number?'],
    ['sigma:number=much - x', 'Line 2: The default of sigma does not fit its type: much'],
    ['sigma:number=11 [0..10] - x', 'Line 2: The default of sigma lies outside its range: 11'],
    ['sigma:number [a..1] - x', 'Line 2: The range of sigma is not understood: [a..1]. Write [0..10], [0..10 step 0.5] or [0..10 px].'],
    ['sigma [0..10] - x', 'Line 2: sigma has a range but no type'],
    ['k:choice - x', 'Line 2: The choice k needs its values'],
    ['k:choice=c [a|b] - x', 'Line 2: The default of k is none of its values: c'],
    ['input=a.tif - x', 'Line 2: input is a file and can have no default.'],
    ['- x', 'Line 2: A parameter needs a name'],
    ['__proto__ - x', 'Line 2: "__proto__" is not a name'],
    ['größe - x', 'Line 2: "größe" is not a name'],
    ['usage: one two three', 'Line 2: "two three" is not understood here.'],
    ['time: soon', 'Line 2: "soon" is not a duration'],
  ])('says what is wrong with "%s"', (line, fault) => {
    expect(faultsOf(`#!/bin/sh\n##~~ ${line}\n`)).toEqual([expect.stringContaining(fault)]);
  });

  it('refuses two parameters of one name, and files that others follow', () => {
    const faults = faultsOf('##~~ a - x\n##~~ a - y\n##~~ inputs:files - z\n##~~ b - w\n');
    expect(faults).toEqual([
      expect.stringContaining('Line 2: There are two parameters named a'),
      expect.stringContaining('must be the last'),
    ]);
  });

  it('compiles to plain data that survives JSON', () => {
    const manifest: Manifest = manifestOf('##~~ input - x\n##~~ n:number=1 - y\n');
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });
});
