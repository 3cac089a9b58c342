import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderArguments } from '../../../src/common/pipelines/arguments';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import { checkParameters } from '../../../src/common/pipelines/parameters';
import { importStage } from './import-stage';

const RUNNER = {
  name: 'Count cells',
  script_path: 'scripts/count.sh --quiet "two words"',
  working_directory: '/srv/work',
  description: 'Counts. Run by ${auth.username}.',
  group: 'Images',
  hidden: false,
  allowed_users: ['a@b.c'],
  admin_users: ['root'],
  access: { shared_access: { type: 'ALL_USERS' } },
  include: ['more.json', '${Mode}.json', '../none.json', 'circle.json'],
  output_files: ['out/${Name}.csv', '/var/log/x.log', '##any_path#', { type: 'inline-image', path: 'plots/*.png' }],
  requires_terminal: true,
  output_format: 'html_iframe',
  scheduling: { enabled: true, auto_cleanup: false },
  preload_script: { script: 'echo hi', output_format: 'text' },
  logging: { execution_file: 'x.log' },
  callbacks: { notify_on_start: true },
  parameters: [
    {
      name: 'Name',
      required: true,
      max_length: 20,
      regex: { pattern: '[a-z]+', description: 'Small letters.' },
      description: 'Of the sample.',
      ui: { width_weight: 2, separator_before: { type: 'new_line', title: 'What' } },
    },
    { name: 'Notes', type: 'multiline_text', param: '--notes' },
    { name: 'Cells', type: 'int', param: '-n', min: 1, max: '10', default: '3' },
    { name: 'Fast', no_value: true, param: '--fast', default: true },
    {
      name: 'Mode',
      type: 'list',
      param: '--mode=',
      same_arg_param: true,
      values: ['a', 'b', 3],
      values_ui_mapping: { a: 'First' },
      default: 'a',
    },
    { name: 'Level', param: '-l', same_arg_param: true },
    { name: 'Marks', type: 'multiselect', param: '--marks', values: ['x', 'y', 'z.1'], separator: ';', default: ['x', 'y'] },
    { name: 'Each', type: 'multiselect', param: '--each', values: ['x', 'y'], multiselect_argument_type: 'argument_per_value' },
    { name: 'Again', type: 'multiselect', param: '--again', values: ['x', 'y'], multiselect_argument_type: 'repeat_param_value' },
    {
      name: 'All',
      type: 'multiselect',
      param: '--all',
      values: ['x', 'y'],
      multiselect_argument_type: 'argument_per_value',
      required: true,
      default: 'y',
    },
    { name: 'Sets', type: 'multiselect', values: ['x', 'y'], pass_as: 'env_variable', env_var: 'SETS', separator: ':' },
    { name: 'Open', type: 'editable_list', param: '--open', values: ['p', 'q'] },
    { name: 'Live', type: 'list', param: '--live', values: { script: 'ls ${Name}', shell: true } },
    { name: 'Image', type: 'file_upload', param: '--image', required: true },
    {
      name: 'Stored',
      type: 'server_file',
      param: '--stored',
      file_dir: '/data',
      file_recursive: true,
      file_extensions: ['tif', '.PNG'],
      excluded_files: ['*x*'],
    },
    { name: 'Place', type: 'server_file', file_type: 'dir', file_dir: '/data', param: '--place' },
    { name: 'Host', type: 'ip4', param: '--host' },
    { name: 'Any host', type: 'ip', param: '--any' },
    { name: 'Six', type: 'ip6', param: '--six' },
    { name: 'Password', secure: true, param: '--password', default: 'hunter2' },
    { name: 'User', constant: true, param: '--user', default: '${auth.username}' },
    { name: 'Lab', constant: true, param: '--lab=', same_arg_param: true, default: 'north {x}' },
    { name: 'Verbose', constant: true, no_value: true, param: '-v' },
    { name: 'Home', param: '--home', default: '$$HOME' },
    { name: 'Computed', param: '--computed', default: { script: 'date' } },
    { name: 'Seed', type: 'int', pass_as: 'env_variable', env_var: 'SEED' },
    { name: 'Both', env_var: 'BOTH', param: '--both' },
    { name: 'Flag', no_value: true, pass_as: 'env_variable', env_var: 'FLAG' },
    { name: 'Bad variable', pass_as: 'env_variable', env_var: 'A B' },
    { name: 'Answer', pass_as: 'stdin', stdin_expected_text: 'sure?' },
    { name: 'Strange', type: 'colour', param: '--strange', unheard_of: 1 },
  ],
};

describe('import script-server', () => {
  let stage: ReturnType<typeof importStage>;
  beforeEach(() => {
    stage = importStage();
    put('conf/runners/more.json', { parameters: [{ name: 'Included', param: '--included' }], group: 'x' });
    put('conf/runners/circle.json', { include: 'circle.json', parameters: [] });
  });
  afterEach(() => stage.remove());

  function put(path: string, content: unknown): void {
    mkdirSync(dirname(join(stage.foreign.root, path)), { recursive: true });
    writeFileSync(join(stage.foreign.root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const read = (content: unknown) => {
    put('conf/runners/count.json', content);
    return stage.read('script-server', 'conf/runners/count.json');
  };
  const lookUp = (reference: string) => Promise.resolve({ name: reference });
  const wordsFor = async (manifest: Manifest, entries: Record<string, unknown>) => {
    const checked = await checkParameters(manifest, entries, lookUp);
    if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
    return renderArguments(manifest, checked.values, { resolveFile: (reference) => `/in/${reference}`, outputFolder: '/out' });
  };

  it('takes every kind of parameter', async () => {
    const { manifest, parameter, yaml } = await read(RUNNER);
    expect(manifest).toMatchObject({ title: 'Count cells', summary: 'Counts. Run by ….' });
    expect(parameter('Name')).toMatchObject({
      type: 'string',
      label: 'Name',
      required: true,
      maxLength: 20,
      pattern: '[a-z]+',
      patternMessage: 'Small letters.',
    });
    expect(parameter('Notes')).toMatchObject({ type: 'text', required: false });
    expect(parameter('Cells')).toMatchObject({ type: 'integer', default: 3, min: 1, max: 10 });
    expect(parameter('Fast')).toMatchObject({ type: 'boolean', default: true });
    expect(parameter('Mode')).toMatchObject({
      type: 'choice',
      default: 'a',
      options: [{ value: 'a', label: 'First' }, { value: 'b' }, { value: '3' }],
    });
    expect(parameter('Marks')).toMatchObject({
      type: 'choices',
      default: ['x', 'y'],
      options: [{ value: 'x' }, { value: 'y' }, { value: 'z.1' }],
    });
    expect(parameter('Each')).toMatchObject({ type: 'choice' });
    expect(parameter('All')).toMatchObject({ type: 'choices', required: true });
    expect(parameter('Again')).toMatchObject({ type: 'choices', required: false });
    expect(parameter('Image')).toMatchObject({ type: 'file', required: true });
    expect(parameter('Stored')).toMatchObject({ type: 'file', accept: ['.tif', '.png'], required: false });
    expect(parameter('Open')).toMatchObject({ type: 'string', examples: ['p', 'q'] });
    expect(manifest.sections).toEqual([{ id: 'What', title: 'What', help: '', collapsed: false }]);
    expect(manifest.parameters.every(({ section }) => section === 'What')).toBe(true);
    expect(parameter('Included').type).toBe('string');
    expect(manifest.parameters.map(({ name }) => name)).not.toContain('User');
    expect(manifest.outputs.map(({ glob, kind }) => [glob, kind])).toEqual([
      ['out/*.csv', 'download'],
      ['x.log', 'download'],
      ['plots/*.png', 'image'],
    ]);
    expect(yaml).toMatch(/- name: Name\n +type: string\n +section: What\n/);
  });

  it('writes the command line that script-server would', async () => {
    put('scripts/count.sh', '#!/bin/sh\n');
    const { manifest } = await read(RUNNER);
    expect(manifest.runtime).toMatchObject({ command: ['env'], env: {} });
    const words = await wordsFor(manifest, {
      Name: 'abc',
      Image: 'i.tif',
      Seed: '7',
      Both: 'x=y',
      Flag: 'true',
      Marks: ['y', 'z.1'],
      All: ['x', 'y'],
      Sets: ['x', 'y'],
      Host: '10.0.0.1',
      Again: ['x', 'y'],
    });
    expect(words).toEqual([
      'SETS=x:y',
      'SEED=7',
      'BOTH=x=y',
      'FLAG=true',
      join(stage.foreign.root, 'scripts/count.sh'),
      '--quiet',
      'two words',
      'abc',

      '-n',
      '3',
      '--fast',
      '--mode=a',
      '--marks',
      'y;z.1',
      '--again',
      'x',
      '--again',
      'y',
      '--all',
      'x',
      'y',
      '--image',
      '/in/i.tif',
      '--host',
      '10.0.0.1',
      '--lab=north {x}',
      '-v',
      '--both',
      'x=y',
    ]);
  });

  it('checks what script-server checks', async () => {
    const { manifest } = await read(RUNNER);
    const good = { Name: 'abc', Image: 'i' };
    const entries = {
      Cells: '11',
      Host: '256.1.1.1',
      Any_host: 'here',
      Six: '1::2::3',
      Marks: ['x', 'w'],
      Mode: 'c',
      Stored: 'a.txt',
      Name: 'A',
    };
    const checked = await checkParameters(manifest, { ...good, ...entries }, lookUp);
    expect(Object.keys(checked.ok ? {} : checked.errors).sort()).toEqual(Object.keys(entries).sort());
    for (const six of ['::1', '2001:db8::1', '1:2:3:4:5:6:7:8', '::']) {
      expect((await checkParameters(manifest, { ...good, Six: six, Any_host: six }, lookUp)).ok).toBe(true);
    }
  });

  it('says of each key what was lost', async () => {
    const { said, report } = await read(RUNNER);
    const losses: [string, RegExp][] = [
      ['working_directory', /works in the folder for its results/],
      ['group', /not grouped/],
      ['allowed_users', /Everybody/],
      ['admin_users', /Administrators/],
      ['access', /Everybody/],
      ['scheduling', /not scheduled/],
      ['preload_script', /Nothing is run before/],
      ['logging', /keeps its log/],
      ['callbacks', /Mails tell/],
      ['requires_terminal', /no terminal/],
      ['output_format', /html_iframe/],
      ['include', /depends on what is entered/],
      ['include', /no such JSON file/],
      ['include', /leads back to itself/],
      ['output_files', /searched for in the log/],
      ['output_files', /\/var\/log\/x\.log/],
      ['script_path', /scripts\/count\.sh is relative and was not found/],
      ['Name', /width_weight/],
      ['Level', /-l and its value are two arguments/],
      ['Each', /One value can be chosen/],
      ['Live', /come from a command \(ls \$\{Name\}\), depending on other fields/],
      ['Stored', /instead of \/data/],
      ['Stored', /excluded_files/],
      ['Place', /path on the machine/],
      ['Password', /secret is typed in clear/],
      ['Password', /does not belong into a form/],
      ['User', /only known to script-server/],
      ['Home', /\$\$HOME/],
      ['Computed', /comes from a command \(date\)/],
      ['Bad variable', /cannot be the name of a variable/],
      ['Answer', /standard input/],
      ['Strange', /colour is not known/],
      ['Strange', /unheard_of/],
      ['Fast', /PARAM_/],
    ];
    for (const [name, sentence] of losses) expect(said(name).join('\n')).toMatch(sentence);
    expect(report).not.toContain('hunter2');
  });

  it('names what makes no sense: limits that are no numbers, parameters that are none, computed words', async () => {
    const { manifest, said, report, parameter } = await read({
      name: 'Odd',
      script_path: '/bin/echo',
      description: 'For ${auth.username}.',
      hidden: false,
      allowed_users: ['*'],
      callbacks: { notify_on_start: true },
      output_files: ['res/${X}/table.csv', './plain.txt', 'a/../../up.txt'],
      parameters: [
        { name: 'X', type: 'int', min: 'low', max: {}, env_var: 'X' },
        { name: 'Y', max_length: 'long', env_var: 'Y' },
        { name: 'Z', type: 'list', values: ['a'], secure: true, env_var: 'Z' },
        'junk',
        7,
      ],
    });
    expect(said('X').join()).toMatch(/min "low": it is no number.*max {}: it is no number/);
    expect(said('Y').join()).toContain('max_length "long": it is no number');
    expect(said('Z').join()).toContain('what is chosen of a secret');
    expect(said('parameters').join()).toMatch(/"junk" is no parameter.*7 is no parameter/);
    expect(said('description').join()).toContain('${auth.username}');
    expect([said('hidden'), said('allowed_users')]).toEqual([[], []]);
    expect(report.match(/`callbacks`/g)).toHaveLength(1);
    expect(manifest.outputs.map(({ glob }) => glob)).toEqual(['res/*/table.csv', 'plain.txt', '**/up.txt']);
    expect(parameter('X')).toMatchObject({ min: null, max: null });
  });

  it('says that nothing was lost where nothing was', async () => {
    const { report } = await read({
      name: 'Small',
      script_path: '/bin/echo',
      requires_terminal: false,
      parameters: [{ name: 'X', env_var: 'X', required: true }],
    });
    expect(report).toBe('# Imported from `count.json`\n\n1 parameter.\n\nNothing was lost.\n');
  });

  it.each<[string, unknown, RegExp]>([
    ['something else', { a: 1 }, /neither script_path nor parameters/],
    ['no object', [1], /no JSON object/],
  ])('refuses %s', async (_what, content, sentence) => {
    put('bad.json', content);
    expect(await stage.refused('script-server', 'bad.json')).toMatch(sentence);
  });

  it('survives keys of every wrong kind', async () => {
    const odd = [null, 1, true, 'x', [], {}, [[]], { a: {} }];
    for (const value of odd) {
      const keys = Object.keys(RUNNER).filter((key) => key !== 'parameters');
      const parameter = Object.fromEntries([...new Set(RUNNER.parameters.flatMap(Object.keys))].map((key) => [key, value]));
      const { manifest } = await read({
        ...Object.fromEntries(keys.map((key) => [key, value])),
        parameters: [parameter, value, { name: '__proto__', param: '--p' }],
      });
      expect(manifest.parameters.map(({ name }) => name)).toContain('proto');
    }
  });
});
