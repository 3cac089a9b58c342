import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesFor } from '../../../src/common/pipelines/argument-files/render-files';
import { renderArguments } from '../../../src/common/pipelines/arguments';
import type { Manifest, ParameterValues } from '../../../src/common/pipelines/manifest';
import { checkParameters } from '../../../src/common/pipelines/parameters';
import { importStage } from './import-stage';

const GENERIC = {
  title: 'Generic options',
  type: 'object',
  fa_icon: 'fas fa-file-import',
  description: 'Less common.',
  help_text: 'They are for people who know.',
  properties: {
    publish_mode: {
      type: 'string',
      default: 'copy',
      enum: ['copy', 'link', null],
      hidden: true,
      fa_icon: 'fas fa-copy',
      help_text: 'How **results** are put there.',
    },
    email: { type: 'string', format: 'email', description: 'Whom to tell.' },
    old_one: { type: 'string', deprecated: true, default: 'x' },
    limits: {
      type: 'object',
      properties: {
        cpus: { type: 'integer', minimum: 1, maximum: 64, default: 4 },
        memory: { type: 'string', pattern: '^\\d+\\.?\\s*(K|M|G)B$', default: '8.GB' },
      },
    },
  },
};

const INPUT = {
  title: 'Input/output options',
  type: 'object',
  required: ['input', 'outdir', 'cutoff'],
  dependentRequired: { adapter: ['kit'], trim: ['quality'], kit: ['trim'] },
  properties: {
    input: {
      type: 'string',
      format: 'file-path',
      mimetype: 'text/csv',
      schema: 'assets/schema_input.json',
      pattern: '^\\S+\\.csv$',
      exists: true,
      errorMessage: 'A CSV file.',
    },
    outdir: { type: 'string', format: 'directory-path', default: './results' },
    reference: { type: 'string', format: 'file-path', pattern: '^\\S+\\.fn?a(sta)?(\\.gz)?$', default: 's3://bucket/x.fa' },
    models: { type: 'string', format: 'directory-path', description: 'Folder of models.' },
    reads: { type: 'string', format: 'file-path-pattern' },
    cutoff: { type: 'number', exclusiveMinimum: 0, maximum: 1, description: 'Above it.' },
    steps: { type: 'integer', exclusiveMinimum: 0, multipleOf: 5, default: '10' },
    draft4: { type: 'number', minimum: 2, exclusiveMinimum: true },
    adapter: { type: 'string', minLength: 4, maxLength: 40 },
    kit: { type: 'string', pattern: '^(a|b)\\-kit$', errorMessage: 'Say a-kit or b-kit.' },
    part: { type: 'string', pattern: 'chr[0-9]+' },
    trim: { type: 'boolean', default: 'true' },
    quality: { type: ['integer', 'null'], minimum: 0 },
    tools: { type: 'array', items: { type: 'string', enum: ['one', 'two'] }, uniqueItems: true, default: ['one', 'two'] },
    sizes: { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1 },
    words: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, maxItems: 3, uniqueItems: true, default: 'a, b' },
    lanes: { enum: [1, 2, 4], type: 'integer', default: 2 },
    either: { type: ['string', 'integer'] },
    nothing: { description: 'No type.' },
    worse: { type: 'integer', default: 99, maximum: 5 },
    unreadable: { type: 'string', pattern: '(?<=a)(b' },
    extra: { type: 'string', if: { const: 'a' }, examples: ['q'] },
  },
  anyOf: [{ required: ['adapter'] }, { required: ['kit'] }],
};

const SHEET = {
  type: 'array',
  minItems: 1,
  uniqueEntries: ['sample'],
  items: {
    type: 'object',
    required: ['sample', 'fastq_1'],
    properties: {
      sample: { type: 'string', pattern: '^\\S+$', meta: ['id'] },
      fastq_1: { type: 'string', format: 'file-path', pattern: '^\\S+\\.f(ast)?q(\\.gz)?$' },
      fastq_2: {
        anyOf: [
          { type: 'string', pattern: '^\\S+\\.fq$' },
          { type: 'string', maxLength: 0 },
        ],
      },
      strand: { enum: ['forward', 'reverse'] },
      lane: { type: 'integer', minimum: 1, default: 0 },
      'read group': { type: 'string', description: 'Of the machine.', help_text: 'Its own words.' },
    },
    anyOf: [{ required: ['strand'] }, { required: ['lane'] }],
  },
};

const whole = (more: object = {}, definitions = '$defs') => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://raw.githubusercontent.com/lab/measure/1.2.0/nextflow_schema.json',
  title: 'lab/measure pipeline parameters',
  description: 'Measures things.',
  type: 'object',
  [definitions]: { generic: GENERIC, input_options: INPUT, lonely: { properties: { left: { type: 'string' } } } },
  allOf: [{ $ref: `#/${definitions}/input_options` }, { $ref: `#/${definitions}/generic` }],
  properties: { top: { type: 'boolean' } },
  ...more,
});

describe('import nextflow', () => {
  let stage: ReturnType<typeof importStage>;
  beforeEach(() => {
    stage = importStage();
    mkdirSync(join(stage.foreign.root, 'assets'));
    put('assets/schema_input.json', SHEET);
  });
  afterEach(() => stage.remove());

  const put = (name: string, content: unknown) =>
    writeFileSync(
      join(stage.foreign.root, name),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  const read = (content: unknown) => {
    put('nextflow_schema.json', content);
    return stage.read('nextflow', 'nextflow_schema.json');
  };

  it('takes a whole schema: groups in the order of allOf, and each kind of field', async () => {
    const { manifest, parameter, yaml } = await read(whole());
    expect(manifest).toMatchObject({ title: 'lab/measure', summary: 'Measures things.', progress: { lines: 'auto' } });
    expect(manifest.runtime.command).toEqual(['nextflow', 'run', 'lab/measure', '-r', '1.2.0', '-ansi-log', 'false', '-profile', 'docker']);
    const names = manifest.parameters.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['input', 'reference', 'models']);
    expect(names.slice(-6)).toEqual(['publish_mode', 'email', 'old_one', 'limits_cpus', 'limits_memory', 'top']);
    expect(names).not.toContain('left');
    expect(parameter('input')).toMatchObject({
      type: 'table',
      required: true,
      minRows: 1,
      columns: [
        { name: 'sample', type: 'string', required: true, pattern: '\\S+', unique: true },
        { name: 'fastq_1', type: 'file', required: true, accept: ['.fq', '.fq.gz', '.fastq', '.fastq.gz'] },
        { name: 'fastq_2', type: 'file', required: false, accept: ['.fq'] },
        { name: 'strand', type: 'choice', required: false, options: [{ value: 'forward' }, { value: 'reverse' }] },
        { name: 'lane', type: 'integer', required: false, min: 1, default: null },
        { name: 'read_group', label: 'read group', type: 'string', required: false, help: 'Of the machine. Its own words.' },
      ],
    });
    expect(manifest.files).toMatchObject([
      { path: 'input.csv', format: 'rows', rows: ['input'], quote: 'needed', header: 'plain' },
      { path: 'params.json', format: 'json' },
    ]);
    expect(manifest.sections).toEqual([
      { id: 'Input_output_options', title: 'Input/output options', help: '', collapsed: false },
      { id: 'Generic_options', title: 'Generic options', help: 'Less common. They are for people who know.', collapsed: false },
    ]);
    expect(parameter('input').section).toBe('Input_output_options');
    expect(parameter('top').section).toBeUndefined();
    expect(parameter('tools')).toMatchObject({
      type: 'choices',
      default: ['one', 'two'],
      options: [{ value: 'one' }, { value: 'two' }],
    });
    expect(parameter('sizes')).toMatchObject({ type: 'list', items: 'integer', minItems: 1, unique: false, min: 0 });
    expect(parameter('words')).toMatchObject({ type: 'list', pattern: '[a-z]+', unique: true, maxItems: 3, default: ['a', 'b'] });
    expect(parameter('reference')).toMatchObject({ type: 'file', required: false });
    expect(parameter('reference')).toMatchObject({
      accept: ['.fa', '.fasta', '.fna', '.fnasta'].flatMap((one) => [one, `${one}.gz`]).sort(),
    });
    expect(parameter('models')).toMatchObject({ type: 'string', required: false });
    expect(parameter('cutoff')).toMatchObject({ type: 'number', required: true, min: 0, max: 1 });
    expect(parameter('steps')).toMatchObject({ type: 'integer', default: 10, min: 5, step: 5 });
    expect(parameter('draft4')).toMatchObject({ type: 'number', min: 2 });
    expect(parameter('adapter')).toMatchObject({ type: 'string', maxLength: 40, pattern: '[^]{4,}' });
    expect(parameter('kit')).toMatchObject({
      pattern: '(a|b)-kit',
      patternMessage: 'Say a-kit or b-kit.',
      requiredWhen: 'not empty(adapter)',
    });
    expect(parameter('quality')).toMatchObject({ type: 'integer', min: 0, requiredWhen: 'trim' });
    expect(parameter('trim')).toMatchObject({ type: 'boolean', default: true });
    expect(parameter('lanes')).toMatchObject({ type: 'choice', default: '2', options: [{ value: '1' }, { value: '2' }, { value: '4' }] });
    expect(parameter('publish_mode')).toMatchObject({ type: 'choice', advanced: true, helpLong: 'How **results** are put there.' });
    expect(parameter('email')).toMatchObject({ patternMessage: 'Write an e-mail address.' });
    expect(parameter('limits_cpus')).toMatchObject({ type: 'integer', default: 4 });
    expect(parameter('extra').examples).toEqual(['q']);
    expect(yaml).toMatch(/# weakened: Its rows are typed[^\n]*\n(?: *#.*\n)* *- name: input\n +type: table\n/);
    expect(yaml).toMatch(/^# yaml-language-server: \$schema=\S+pipeline\.schema\.json\n/);
  });

  it('says of each field what was lost', async () => {
    const { report, said } = await read(whole());
    expect(said('outdir').join()).toMatch(/Showrunner gives the folder for results/);
    expect(said('input').join('\n')).toMatch(/a sheet that is there already as a file cannot be chosen/);
    expect(said('input').join('\n')).toMatch(/anyOf of its rows: what this demands of several cells together/);
    expect(said('input, lane').join('\n')).toMatch(/default "0"/);
    expect(said('input, fastq_2').join('\n')).toMatch(/taken for a file/);
    expect(said('input, fastq_1').join('\n')).toMatch(/chosen among the files of the project/);
    expect(report).not.toMatch(/meta is not known|guesses the types/);
    expect(said('reference').join()).toMatch(/default "s3:\/\/bucket\/x\.fa": left empty, Nextflow takes its own/);
    expect(said('worse').join()).toMatch(/Dropped|default "99"/);
    expect(said('unreadable').join()).toMatch(/JavaScript cannot read it/);
    expect(said('extra').join()).toMatch(/if is not known to a form/);
    expect(said('either').join()).toMatch(/string or integer/);
    expect(said('nothing').join()).toMatch(/no type and was taken for string/);
    expect(said('kit').join()).toMatch(/dependentRequired trim/);
    expect(said('old_one').join()).toMatch(/deprecated/);
    expect(said('lonely').join()).toMatch(/nothing refers to/);
    expect(said('tools')).toEqual([]);
    expect(said('words').join()).toMatch(/none can hold one/);
    expect(said('reads').join()).toMatch(/pattern for files/);
    expect(said('Generic options').join('\n')).toBe('- `Generic options`: fa_icon of the group: sections have no icons.');
    expect(report).toContain('`Input/output options`: anyOf: what this demands of several parameters together is not checked.');
    expect(report).toContain('`publish_mode`: fa_icon: fields have no icons.');
  });

  /** What Nextflow is started with: its words, and the files beside it by path. */
  const started = async (manifest: Manifest, values: ParameterValues) => {
    const words = await renderArguments(manifest, values, { resolveFile: (reference) => `/in/${reference}`, outputFolder: '/out' });
    const pathOf = (reference: string) => `/in/${reference}`;
    const { written } = filesFor(manifest, values, { pathOf, workFolder: '/out', outputFolder: '/out', projectFolder: '/p', runId: '7' });
    return { words, files: Object.fromEntries(written.map(({ path, content }) => [path, content])) };
  };

  it('takes the very values that the schema takes', async () => {
    const { manifest } = await read(whole());
    const lookUp = (reference: string) => Promise.resolve({ name: reference.replace('project:', '') });
    const good = {
      input: [
        { sample: 's1', fastq_1: 'project:a.fq.gz', lane: 2 },
        { sample: 's2', fastq_1: 'project:b.fastq', strand: 'reverse', read_group: 'x, y' },
      ],
      cutoff: '0.5',
      part: 'the chr12 one',
      trim: 'false',
      kit: 'a-kit',
      either: '007',
      sizes: '3, 4',
      words: ['b'],
    };
    const checked = await checkParameters(manifest, good, lookUp);
    expect(checked.ok ? [] : checked.errors).toEqual([]);
    const { words, files } = await started(manifest, checked.values);
    // Numbers of a menu go by the command line, where Nextflow makes numbers of them.
    expect(words).toEqual(['-params-file', 'params.json', '--lanes=2']);
    expect(JSON.parse(files['params.json'] ?? '')).toEqual({
      input: '/out/input.csv',
      outdir: '/out',
      cutoff: 0.5,
      part: 'the chr12 one',
      trim: false,
      kit: 'a-kit',
      either: '007',
      sizes: [3, 4],
      words: ['b'],
      tools: ['one', 'two'],
      steps: 10,
      publish_mode: 'copy',
      old_one: 'x',
      limits: { cpus: 4, memory: '8.GB' },
      top: false,
    });
    expect(files['input.csv']).toBe(
      'sample,fastq_1,fastq_2,strand,lane,read group\ns1,/in/project:a.fq.gz,,,2,\ns2,/in/project:b.fastq,,reverse,,"x, y"\n',
    );
    const bad = {
      ...good,
      cutoff: '0',
      part: 'chrX',
      kit: 'c-kit',
      tools: ['one', 'three'],
      steps: '7',
      input: [{ sample: 's1', fastq_1: 'project:a.bam' }],
      email: 'me',
      sizes: '1,x',
    };
    const refused = await checkParameters(manifest, bad, lookUp);
    expect(Object.keys(refused.ok ? {} : refused.errors).sort()).toEqual([
      'cutoff',
      'email',
      'input',
      'kit',
      'part',
      'sizes',
      'steps',
      'tools',
    ]);
    expect(refused.ok ? {} : refused.errors).toMatchObject({ cutoff: 'Write a number that is more than 0.', kit: 'Say a-kit or b-kit.' });
  });

  it('takes older definitions just so, and runs a pipeline that lies beside its schema', async () => {
    put('main.nf', 'workflow {}');
    const { manifest } = await read(whole({}, 'definitions'));
    expect(manifest.parameters.map(({ name }) => name).slice(0, 2)).toEqual(['input', 'reference']);
    expect(manifest.runtime.command.slice(0, 3)).toEqual(['nextflow', 'run', stage.foreign.root]);
  });

  it('reads a sample sheet only within the pipeline', async () => {
    writeFileSync(join(stage.pipelines.root, 'outside.json'), JSON.stringify(SHEET));
    symlinkSync(join(stage.pipelines.root, 'outside.json'), join(stage.foreign.root, 'assets', 'link.json'));
    const sheet = (schema: unknown) => ({ type: 'string', format: 'file-path', schema });
    const { said, manifest } = await read({
      properties: { a: sheet('../x.json'), b: sheet('/etc/passwd'), c: sheet('assets/link.json'), d: sheet(7) },
    });
    for (const name of ['a', 'b', 'c', 'd']) expect(said(name).join()).toMatch(/lies outside of the pipeline|it is not there/);
    expect(manifest.parameters.map(({ type }) => type)).toEqual(['file', 'file', 'file', 'file']);
  });

  it('writes a sheet that is separated by tabs, and leaves one that is none a file', async () => {
    const sheet = (more: object) => ({ type: 'string', format: 'file-path', schema: 'assets/schema_input.json', ...more });
    const properties = {
      tabs: sheet({ mimetype: 'text/tab-separated-values' }),
      json: sheet({ pattern: '^\\S+\\.json$' }),
      optional: sheet({ default: 'a.csv' }),
    };
    const { parameter, manifest, said } = await read({ properties, required: ['tabs', 'json'] });
    expect(manifest.files).toMatchObject([{ path: 'tabs.tsv', delimiter: '\t' }, { path: 'params.json' }]);
    expect(parameter('json')).toMatchObject({ type: 'file', accept: ['.json'] });
    expect(said('json').join()).toMatch(/no table of cells/);
    expect(parameter('optional')).toMatchObject({ type: 'file', required: false });
    expect(said('optional').join()).toMatch(/may be left out/);
    const { files } = await started(manifest, { tabs: [{ sample: 's', fastq_1: 'project:a.fq' }] });
    expect(files['tabs.tsv']).toBe('sample\tfastq_1\tfastq_2\tstrand\tlane\tread group\ns\t/in/project:a.fq\t\t\t\t\n');
    expect(JSON.parse(files['params.json'] ?? '')).toEqual({ tabs: '/out/tabs.tsv' });
  });

  it('puts names with dots into each other, unless one would take the place of another', async () => {
    const word = (value: string) => ({ type: 'string', default: value });
    const { manifest } = await read({
      properties: { 'a.b': { type: 'integer', default: 1 }, 'a.c.d': word('x'), a: word('y'), 'a.b.e': word('z') },
    });
    const checked = await checkParameters(manifest, {}, () => Promise.resolve({ fault: '' }));
    const { words, files } = await started(manifest, checked.values);
    expect(JSON.parse(files['params.json'] ?? '')).toEqual({ a: { b: 1, c: { d: 'x' } } });
    expect(words).toEqual(['-params-file', 'params.json', '--a=y', '--a.b.e=z']);
  });

  it('requires what stands in another group than it is required in, and names what is nowhere', async () => {
    const { parameter, said } = await read({
      $defs: { one: { title: 'One', properties: { genome: { type: 'string' }, aligner: { type: 'string' } } } },
      allOf: [{ $ref: '#/$defs/one' }, { required: ['aligner'] }],
      required: ['genome', 'ghost'],
    });
    expect([parameter('genome').required, parameter('aligner').required]).toEqual([true, true]);
    expect(said('ghost').join()).toContain('It is required, and there is no such parameter');
  });

  it('names messages that can be said of nothing, of whatever type', async () => {
    const types = ['integer', 'number', 'boolean', 'array', 'string'];
    const { said } = await read({ properties: Object.fromEntries(types.map((type) => [type, { type, errorMessage: 'No.' }])) });
    for (const type of types) expect(said(type).join()).toContain('errorMessage');
  });

  it('follows references once, whatever circle they make', async () => {
    const { parameter, report } = await read({
      $defs: {
        a: {
          allOf: [{ $ref: '#/$defs/b' }],
          properties: { one: { $ref: '#/$defs/loop' }, shared: { $ref: '#/$defs/word', description: 'Mine.' } },
        },
        b: { allOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }], properties: { two: { $ref: '#/nowhere' } } },
        loop: { $ref: '#/$defs/loop' },
        word: { type: 'string', pattern: '^[a-z]+$', description: 'Theirs.' },
      },
      allOf: [{ $ref: '#/$defs/a' }, { $ref: 'https://example.org/other.json' }],
    });
    expect(parameter('shared')).toMatchObject({ pattern: '[a-z]+', help: 'Mine.' });
    expect(parameter('one').type).toBe('string');
    expect(report).toMatch(/leads back to itself/);
    expect(report).toMatch(/leads nowhere in this file/);
  });

  it('is not led astray by names that objects inherit, or that are no names', async () => {
    const schema = `{"properties": {"__proto__": {"type": "integer", "default": 1}, "constructor": {"type": "string"}, "toString": {"type": "boolean"},
      "outputFolder": {"type": "string"}, "a b": {"type": "string"}, "a-b": {"type": "string"}, "9": {"type": "string"}, "ä": {"type": "string"},
      "{x}": {"type": "string"}, "": {"type": "string"}, "${'n'.repeat(300)}": {"type": "string"}, "null": null, "list": [1]}}`;
    const { manifest } = await read(schema);
    expect(new Set(manifest.parameters.map(({ name }) => name)).size).toBe(13);
    expect(manifest.parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['proto', 'constructor', 'toString', 'a_b', 'a_b_2', 'p_9', 'a']),
    );
    expect(({} as Record<string, unknown>)['default']).toBeUndefined();
    const values = { [manifest.parameters[8].name]: 'v' };
    const { words, files } = await started(manifest, { ...values, proto: '5' });
    expect(JSON.parse(files['params.json'] ?? '')).toMatchObject({ '{x}': 'v' });
    expect(words).toEqual(['-params-file', 'params.json', '--__proto__=5']);
  });

  it('keeps text that would be YAML, comments or Markdown what it is', async () => {
    const text = 'a: b # c\n- d\n```\n<script>alert(1)</script>\u0000\u001b[31m "q" \'s\' {x} &a *a !t %\t';
    const { parameter, report, yaml } = await read({
      title: text,
      properties: { x: { type: 'string', description: text, default: text, pattern: text }, [text]: { type: 'array', items: {} } },
    });
    expect(parameter('x').help).toBe('a: b # c - d ``` <script>alert(1)</script>[31m "q" \'s\' {x} &a *a !t %');
    expect(report.split('\n').every((line) => /^(#|- |$|\d)/.test(line))).toBe(true);
    // oxlint-disable-next-line no-control-regex
    expect(yaml + report).not.toMatch(/[\u0000-\u0008\u001b]/);
  });

  it('cuts help that is longer than a pipeline can hold, and says so', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 160 }, (_, index) => [
        `p${index}`,
        { type: 'integer', description: 'd'.repeat(100), help_text: 'h'.repeat(3000) },
      ]),
    );
    const { manifest, said } = await read({ properties });
    expect(manifest.parameters).toHaveLength(160);
    expect(JSON.stringify(manifest).length).toBeLessThan(65_000);
    expect(said('p7').join()).toMatch(/Its help is cut/);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no JSON', () => '{', /is no JSON/],
    ['nothing', () => '', /is no JSON/],
    ['a list', () => '[]', /holds no JSON object/],
    ['no parameters', () => ({ title: 'x' }), /describes no parameters/],
    ['bytes that are no text', () => Buffer.from([0x7b, 0xff, 0xfe, 0x80]), /no text in UTF-8/],
    ['something huge', () => Buffer.alloc(3 * 1024 * 1024, ' '), /larger than 2 MiB/],
    [
      'too many parameters',
      () => ({ properties: Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`p${at}`, { type: 'integer' }])) }),
      /501 parameters/,
    ],
    [
      'too many options',
      () => ({ properties: { a: { enum: Array.from({ length: 20_000 }, (_, at) => `o${at}`) } } }),
      /more parameters and values|could not be made/,
    ],
    ['deep nesting', () => `${'{"properties":{"a":'.repeat(50_000)}{}${'}}'.repeat(50_000)}`, /nested more deeply/],
    ['a deep default', () => `{"properties":{"a":{"default":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}`, /nested more deeply/],
  ])('refuses %s with a sentence, and leaves nothing', async (_what, content, sentence) => {
    put('bad.json', content());
    expect(await stage.refused('nextflow', 'bad.json')).toMatch(sentence);
  });

  it('refuses what is no file', async () => {
    mkdirSync(join(stage.foreign.root, 'folder.json'));
    expect(await stage.refused('nextflow', 'folder.json')).toMatch(/is no file|EISDIR/);
    expect(await stage.refused('nextflow', 'missing.json')).toMatch(/ENOENT/);
  });

  it('reads UTF-16 and a byte order mark', async () => {
    const content = JSON.stringify({ title: 'Zählen', properties: { x: { type: 'string' } } });
    for (const bytes of [
      Buffer.from(`\u{feff}${content}`, 'utf16le'),
      Buffer.from(`\u{feff}${content}`),
      Buffer.from(`\u{feff}${content}`, 'utf16le').swap16(),
    ]) {
      expect((await read(bytes)).manifest.title).toBe('Zählen');
    }
  });
});
