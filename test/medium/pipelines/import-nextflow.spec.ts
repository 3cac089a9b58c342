import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderArguments } from '../../../src/common/pipelines/arguments';
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
    sizes: { type: 'array', items: { type: 'integer' }, minItems: 1 },
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
  items: {
    type: 'object',
    required: ['sample', 'fastq_1'],
    properties: {
      sample: { type: 'string', pattern: '^\\S+$', meta: ['id'] },
      fastq_1: { type: 'string', format: 'file-path' },
      strand: { enum: ['forward', 'reverse'] },
      lane: { type: 'integer' },
    },
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
    expect(parameter('input')).toMatchObject({ type: 'file', accept: ['.csv'], required: true });
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
    expect(parameter('publish_mode')).toMatchObject({ type: 'choice', advanced: true, help: 'How **results** are put there.' });
    expect(parameter('email')).toMatchObject({ patternMessage: 'Write an e-mail address.' });
    expect(parameter('limits_cpus')).toMatchObject({ type: 'integer', default: 4 });
    expect(parameter('extra').help).toBe('For example q.');
    expect(parameter('input').help).toContain('Columns: sample, fastq_1, strand (may stay empty), lane (may stay empty).');
    expect(yaml).toMatch(/# — Input\/output options —\n(?: *#.*\n)+ *- name: input/);
    expect(yaml).toMatch(/^# yaml-language-server: \$schema=\S+pipeline\.schema\.json\n/);
  });

  it('says of each field what was lost', async () => {
    const { report, said } = await read(whole());
    expect(said('outdir').join()).toMatch(/Showrunner gives the folder for results/);
    expect(said('input').join()).toMatch(
      /Its columns: sample \(text, required\), fastq_1 \(file, required\), strand \(one of forward, reverse\), lane \(whole number\)/,
    );
    expect(said('reference').join()).toMatch(/default "s3:\/\/bucket\/x\.fa": left empty, Nextflow takes its own/);
    expect(said('worse').join()).toMatch(/Dropped|default "99"/);
    expect(said('unreadable').join()).toMatch(/JavaScript cannot read it/);
    expect(said('extra').join()).toMatch(/if is not known to a form/);
    expect(said('either').join()).toMatch(/string or integer/);
    expect(said('nothing').join()).toMatch(/no type and was taken for string/);
    expect(said('kit').join()).toMatch(/dependentRequired trim/);
    expect(said('old_one').join()).toMatch(/deprecated/);
    expect(said('lonely').join()).toMatch(/nothing refers to/);
    expect(said('tools').join()).toMatch(/typed with a separator/);
    expect(said('reads').join()).toMatch(/pattern for files/);
    expect(said('Generic options').join('\n')).toMatch(
      /description of the group: Less common\.\n[^]*help_text of the group: They are for people who know\./,
    );
    expect(report).toContain('`Input/output options`: anyOf: what this demands of several parameters together is not checked.');
    expect(report).toContain('`publish_mode`: fa_icon: fields have no icons.');
  });

  it('takes the very values that the schema takes', async () => {
    const { manifest } = await read(whole());
    const lookUp = (reference: string) => Promise.resolve({ name: reference.replace('project:', '') });
    const good = { input: 'project:a.csv', cutoff: '0.5', part: 'the chr12 one', trim: 'false', kit: 'a-kit' };
    const checked = await checkParameters(manifest, good, lookUp);
    expect(checked.ok ? [] : checked.errors).toEqual([]);
    const words = await renderArguments(manifest, checked.values, { resolveFile: (reference) => `/in/${reference}`, outputFolder: '/out' });
    expect(words).toEqual(
      expect.arrayContaining([
        '--input=/in/project:a.csv',
        '--outdir=/out',
        '--cutoff=0.5',
        '--trim=false',
        '--limits.cpus=4',
        '--tools=one,two',
      ]),
    );
    const bad = {
      ...good,
      cutoff: '0',
      part: 'chrX',
      kit: 'c-kit',
      tools: 'one,three',
      steps: '7',
      input: 'project:a.tsv',
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
    expect(manifest.parameters.every(({ help }) => !help.includes('Columns'))).toBe(true);
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
    const words = await renderArguments(manifest, values, { resolveFile: () => '', outputFolder: '/out' });
    expect(words).toContain('--{x}=v');
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
