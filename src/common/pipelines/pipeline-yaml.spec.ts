import { compileYaml } from './pipeline-yaml';

const faultsOf = (source: string) => {
  const compiled = compileYaml('x', source);
  return Array.isArray(compiled) ? compiled : [];
};

describe('compileYaml', () => {
  it('reads the limits of a program beside its needs', () => {
    const source = 'command: x\nlimits: { time: 1h, processes: 40, cpuTime: 2h, openFiles: 99, fileSize: 20 GB, scratch: 50 GB }\n';
    expect(compileYaml('x', source)).toMatchObject({
      limits: { timeSeconds: 3600, parallel: null, processes: 40, cpuSeconds: 7200, openFiles: 99, fileBytes: 20e9, scratchBytes: 50e9 },
    });
    expect(compileYaml('x', 'command: x\nlimits: { fileSize: big, openFiles: 0 }\n')).toHaveLength(2);
  });

  it('refuses a folder of a hand-off that the queue could not keep, and an amount that no machine has', () => {
    const handoff = (folder: string) => `handoff: { folder: ${JSON.stringify(folder)} }\nparameters: []\n`;
    const folderOf = (path: string) => faultsOf(handoff(path)).filter((fault) => fault.includes('handoff'));
    const longest = `/${'x'.repeat(897)}`;
    expect(folderOf(longest)).toEqual([]);
    const handle = { kind: 'handoff', folder: longest, token: '2147483647-2147483647-ffffffff', host: null };
    expect(JSON.stringify(handle).length).toBeLessThanOrEqual(1000);
    expect(folderOf(`${longest}x`)).toEqual([expect.stringContaining('This path is too long: at most 898 characters')]);
    expect(folderOf(`/${'"'.repeat(500)}`)).toHaveLength(1);
    expect(faultsOf('command: x\nneeds: { cpu: 5e12 }\n')).toEqual([expect.stringContaining('No machine has so much: at most 100000.')]);
    expect(faultsOf('command: x\nneeds: { memory: 2000 TB }\n')).toHaveLength(1);
  });

  it.each([
    ['command: "x\\0y"', 'Line 1, command: '],
    ['command: [x, "a\\uD800"]', 'Line 1, command 2: '],
    ['command: x\narguments: ["--a=\\0"]', 'Line 2, arguments 1: '],
    ['command: x\nparameters: [{ name: a, type: choice, options: [b, { value: "c\\0" }] }]', 'Line 2, parameters 1, options 2, value: '],
    ['command: x\nenv:\n  A: "\\0"', 'Line 3, env, A: '],
  ])('refuses what no program can be given: %j', (source, place) => {
    expect(faultsOf(`${source}\n`)).toEqual([`${place}It holds NUL, or half of a character, which no program can be given.`]);
  });

  it.each([
    ['type: string, maxLength: 3, default: long', 'too long'],
    ["type: string, pattern: '[0-9]+', patternMessage: Digits only., default: abc", 'Digits only.'],
    ['type: number, min: 0, step: 0.5, default: 0.3', '0.5'],
    ["type: output, default: '../x'", 'x'],
    ["type: pick, from: s, many: true, pattern: '[a-z]+', default: [a, B]", 'B'],
  ])('refuses a default that the form would refuse: %s', (fields, words) => {
    const source = `command: x\nsources: { s: { list: ./s.txt } }\nparameters:\n  - { name: a, ${fields} }\n`;
    expect(faultsOf(source)).toEqual([expect.stringMatching(/^Line 4, parameters 1, default: The default of a does not fit: .*\.$/)]);
    expect(faultsOf(source)[0]).toContain(words);
  });

  it.each([
    [`command: x\nenv: ${'['.repeat(5000)}${']'.repeat(5000)}`, 'Line 2: Lists and fields lie too deep in one another here.'],
    [
      'a: &a [1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
      'Line 1: What * refers to is repeated too often. Write it out.',
    ],
    ['command: x\n---\ncommand: y', 'Line 2: A file describes one pipeline. Remove the line --- and what follows.'],
    [`command: x\nparameters: [${'{ name: a, type: string }, '.repeat(1001)}]`, 'Line 2, parameters: There may be at most 1,000 of them.'],
  ])('says in its own words what is wrong with a strange file: %.40j', (source, sentence) => {
    expect([...new Set(faultsOf(`${source}\n`))]).toEqual([sentence]);
  });

  it('reads plots, pages, and viewers elsewhere for outputs', () => {
    const outputs = (open: string) =>
      `command: x\noutputs:\n  - { glob: '*.csv', kind: table, open: ${open} }\n  - { glob: a.json, kind: plot }\n`;
    const viewer = { title: 'Look', url: 'https://v.test/?u={url}', addresses: 'file' };
    expect(compileYaml('x', outputs(JSON.stringify(viewer)))).toMatchObject({ outputs: [{ open: viewer }, { kind: 'plot' }] });
    expect(compileYaml('x', outputs('ellviewer'))).toMatchObject({ outputs: [{ open: 'ellviewer' }, {}] });
    expect(faultsOf(outputs('other'))).toHaveLength(1);
    expect(faultsOf(outputs("{ title: Look, url: 'javascript:{url}' }"))).toEqual([
      expect.stringContaining('Write an http or https address with the place {url} in it'),
    ]);
  });

  it('fills in everything that is not said', () => {
    expect(compileYaml('my-tool', 'command: tool\n')).toEqual({
      id: 'my-tool',
      title: 'My tool',
      summary: '',
      takes: '',
      gives: '',
      version: '',
      icon: 'player-play',
      runtime: { kind: 'process', command: ['tool'], env: {} },
      parameters: [],
      arguments: [],
      outputs: [],
      limits: { timeSeconds: null, parallel: null },
      needs: { cpu: 1, memoryBytes: null, gpus: 0 },
      rank: 0,
      retry: { starts: 1, on: [] },
      outcome: { successCodes: [0], partialCodes: [], requiredOutputs: [] },
      progress: null,
    });
  });

  it('reads every field', () => {
    const manifest = compileYaml(
      'x',
      `
title: Nuclei
version: 1.0
command: [node, ./main.mjs, 3]
env: { THREADS: 2 }
parameters:
  - { name: image, type: file, accept: [tif, '*.PNG'], help: An image }
  - { name: sigma, type: number, default: 1.5, min: 0, max: 10, step: 0.5, unit: px, advanced: true }
  - { name: mode, type: choice, options: [fast, { value: slow, label: Slow but good }], default: fast }
  - { name: note, type: text, required: false, rows: 3 }
  - { name: table, type: output, default: cells.csv, extension: csv }
outputs:
  - { glob: '*.png', kind: image }
  - { glob: cells.csv, kind: table, title: Cells }
limits: { time: 10m, parallel: 2 }
needs: { cpu: 2, memory: 2 GiB }
retry: { starts: 3 }
outcome: { successCodes: [0, 3], requiredOutputs: [cells.csv] }
progress: '(?<percent>\\d+)%'
`,
    );
    expect(manifest).toMatchObject({
      title: 'Nuclei',
      version: '1',
      runtime: { command: ['node', './main.mjs', '3'], env: { THREADS: '2' } },
      limits: { timeSeconds: 600, parallel: 2 },
      needs: { cpu: 2, memoryBytes: 2 * 1024 ** 3, gpus: 0 },
      retry: { starts: 3, on: ['lost'] },
      outcome: { successCodes: [0, 3], partialCodes: [], requiredOutputs: ['cells.csv'] },
      progress: { pattern: '(?<percent>\\d+)%' },
      outputs: [
        { glob: '*.png', kind: 'image', title: '*.png' },
        { glob: 'cells.csv', kind: 'table', title: 'Cells' },
      ],
    });
    expect(manifest).toMatchObject({
      parameters: [
        { name: 'image', label: 'Image', required: true, accept: ['.tif', '.png'] },
        { name: 'sigma', required: false, default: 1.5, step: 0.5, unit: 'px', advanced: true },
        {
          options: [
            { value: 'fast', label: 'fast' },
            { value: 'slow', label: 'Slow but good' },
          ],
        },
        { name: 'note', required: false, rows: 3 },
        { name: 'table', extension: '.csv', required: false },
      ],
      arguments: [
        { flag: '--image', style: 'equals' },
        { flag: '--sigma' },
        { flag: '--mode' },
        { flag: '--note' },
        { flag: '--table', parameter: 'table' },
      ],
    });
  });

  it.each([
    ['', 'Line 1: It holds no fields'],
    ['- command: x\n', 'Line 1: It holds no fields'],
    ['just a text', 'Line 1: '],
    ['title: x\n', 'Line 1, command: This field is missing: name'],
    ['command: x\ntitel: y\n', 'Line 2, titel: There is no such field. Did you mean title?'],
    ['command: x\nqqq: y\n', 'Line 2, qqq: There is no such field. Fields here are title, summary'],
    ['command: x\nlimits:\n  tim: 3\n', 'Line 3, limits, tim: There is no such field. Did you mean time?'],
    [
      'command: x\nparameters:\n  - name: a\n    type: number\n    mni: 3\n',
      'Line 5, parameters 1, mni: There is no such field. Did you mean min?',
    ],
    [
      'command: x\nparameters:\n  - name: a\n    type: numbr\n',
      'Line 4, parameters 1, type: "numbr" is not one of its values. Did you mean number?',
    ],
    ['command: x\nparameters:\n  - name: a\n', 'parameters 1, type: This field is missing. It is one of string, text, '],
    ['command: x\nparameters:\n  - { name: 1a, type: string }\n', 'Line 3, parameters 1, name: Use letters'],
    ['command: x\nparameters:\n  - { name: a, type: string }\n  - { name: a, type: text }\n', 'Line 4, parameters 2, name: There are two'],
    ['command: x\nparameters:\n  - { name: a, type: number, min: 5, max: 1 }\n', 'Line 3, parameters 1, min: '],
    ['command: x\nparameters:\n  - { name: a, type: integer, default: 1.5 }\n', 'Line 3, parameters 1, default: '],
    ['command: x\nparameters:\n  - { name: a, type: choice, options: [x], default: y }\n', 'parameters 1, default: '],
    ['command: x\nparameters:\n  - { name: a, type: string, pattern: "(" }\n', 'parameters 1, pattern: This is not a regular expression'],
    ['command: x\nlimits: { time: soon }\n', 'Line 2, limits, time: "soon" is not a duration'],
    ['command: x\narguments: ["{a}"]\n', 'Line 2, arguments 1: There is no parameter named a.'],
    ['command: x\nparameters: [{ name: a, type: string }]\narguments: ["pre {a}"]\n', 'Line 3, arguments 1: "pre {a}" mixes'],
    ['command: x\nparameters: [{ name: a, type: string }]\narguments: [{ boolean: a }]\n', 'Line 3, arguments 1: “a” is not'],
    ['command: x\nprogress: "("\n', 'Line 2, progress: This is not a regular'],
    ['command: x\n  bad: : y\n', 'Line 2: '],
    ['command: x\ncommand: y\n', 'Line 2: '],
    [
      'command: x\noutputs: [{ glob: a, kind: picture }]\n',
      'kind: "picture" is not one of its values: figures, image, label, overlay, plot, table, text, json, html, site, download.',
    ],
    ['command: x\nneeds: { cpu: lots }\n', 'Line 2, needs, cpu: Expected number, received string'],
    ['command: x\nneeds: { memory: 2 XB }\n', 'Line 2, needs, memory: '],
  ])('says where %j is wrong', (source, fault) => {
    expect(faultsOf(source).join('\n')).toContain(fault);
  });

  it('lists all faults at once', () => {
    expect(faultsOf('titel: x\ncommand: []\nlimits: { parallel: 0 }\n')).toHaveLength(3);
  });

  it('stops at aliases that multiply', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`),
    ].join('\n');
    expect(faultsOf(bomb)).toEqual([expect.stringContaining('What * refers to')]);
  });
});
