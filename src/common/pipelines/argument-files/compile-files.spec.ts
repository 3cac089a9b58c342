import { compileYaml } from '../pipeline-yaml';

const PARAMETERS = `command: run
parameters:
  - { name: image, type: file, required: false }
  - { name: images, type: files, required: false }
  - { name: marker, type: string, required: false }
  - { name: fast, type: boolean }
`;
const compiled = (source: string) => compileYaml('x', PARAMETERS + source);
const faultsOf = (source: string) => {
  const result = compiled(source);
  return Array.isArray(result) ? result : [];
};
const lines = (words: string, more = '') => `files:\n  - path: f\n    format: lines\n    ${more}\n    lines:\n      - words: ${words}\n`;

describe('the files of a manifest', () => {
  it('are what they say, and need say little', () => {
    expect(
      compiled(lines(`[go, '{marker}', '-f={images}', [--image, '{image}'], { boolean: fast, whenTrue: --fast }, { literal: '{x}' }]`)),
    ).toMatchObject({
      files: [
        {
          path: 'f',
          keep: false,
          quote: 'none',
          safe: null,
          lines: [
            {
              omitEmpty: true,
              words: [
                { template: ['go'] },
                { template: [{ name: 'marker' }] },
                {
                  template: ['-f=', { name: 'images' }],
                },
                { flag: '--image', template: [{ name: 'image' }] },
                { boolean: 'fast', whenTrue: '--fast', whenFalse: null },
                { template: ['{x}'] },
              ],
            },
          ],
        },
      ],
    });
    expect(compiled(lines("['{images}']"))).toMatchObject({ files: [{ lines: [{ words: [{ each: true }] }] }] });
    const rows = 'files: [{ path: f.csv, format: rows, rows: images, columns: [{ value: "{images.stem}" }] }]';
    expect(compiled(rows)).toMatchObject({ files: [{ rows: ['images'], header: 'plain', delimiter: ',', quote: 'needed', comment: '' }] });
    expect(compiled('stage: [{ parameter: images, to: data }]')).toMatchObject({
      stage: [{ kind: 'files', to: 'data/', as: 'link', column: null, name: [{ name: 'name' }] }],
    });
    expect(compiled('runId: { env: MY_RUN }\nafter: { clear: [RUNNING] }')).toMatchObject({
      runId: { env: 'MY_RUN' },
      after: { clear: ['RUNNING'] },
    });
    expect(compiled('')).not.toHaveProperty('files');
  });

  it.each([
    ['unknown format', 'files: [{ path: f, format: ini }]', /^Line 7, files 1, format: "ini" is not one of its values/],
    ['misspelt field', lines('[go]', 'quotes: none'), /^Line 10, files 1, quotes: There is no such field\. Did you mean quote\?/],
    ['unknown name', lines("['-x={markr}']"), /^Line 12, files 1, lines 1, words 1: There is no .* named markr\. Did you mean marker\?/],
    ['part of what is no file', lines("['{marker.stem}']"), /marker is no file/],
    ['unknown part of a file', lines("['{image.size}']"), /A file has no part size\. Parts are name, stem, ext\./],
    ['condition', lines('[go]\n        when: marker > 3'), /^Line 13, files 1, lines 1, when: /],
    ['quote in quotes', lines(`["it's"]`, 'quote: single'), /“it's” holds a sign that cannot stand in the quotes/],
    ['regular expression', lines('[go]', "safe: '[a'"), /^Line 10, files 1, safe: This is not a regular expression/],
    ['path that leads out', 'files: [{ path: ../f, format: json, value: {} }]', /^Line 7, files 1, path: “\.\.\/f” is no path/],
    ['absolute path', 'files: [{ path: /etc/f, format: json, value: {} }]', /is no path/],
    ['folder that leads out', 'stage: [{ parameter: images, to: a/../.. }]', /is no path/],
    ['path of ours', 'files: [{ path: .showrunner-progress, format: json, value: {} }]', /is no path/],
    ['path twice', 'files: [{ path: f, format: json, value: {} }]\nrunId: { file: f }', /^Line 8, runId, file: “f” is written twice/],
    [
      'path in a file',
      'files: [{ path: f, format: json, value: {} }, { path: f/g, format: json, value: {} }]',
      /files 2, path: “f\/g” is written twice, or lies in/,
    ],
    [
      'folder in a file',
      'files: [{ path: f, format: json, value: {} }]\nstage: [{ parameter: images, to: f/ }]',
      /stage 1, to: “f” is written twice, or lies in/,
    ],
    [
      'rows of one value',
      'files: [{ path: f, format: rows, rows: marker, columns: [{ value: x }] }]',
      /“marker” is not a parameter with several values/,
    ],
    ['rows of nothing', 'files: [{ path: f, format: rows, rows: image, columns: [{ value: x }] }]', /Did you mean images\?/],
    [
      'comment without a sign',
      'files: [{ path: f, format: rows, rows: images, header: comment, columns: [{ value: x }] }]',
      /needs the sign of one/,
    ],
    ['delimiter', 'files: [{ path: f, format: rows, rows: images, delimiter: a, columns: [{ value: x }] }]', /Choose one sign/],
    [
      'header',
      'files: [{ path: f, format: rows, rows: images, quote: never, columns: [{ header: "a,b", value: x }] }]',
      /header without quotes/,
    ],
    ['value in a document', "files: [{ path: f, format: yaml, value: { a: [{ b: '{nobody}' }] } }]", /files 1, value, a 1, b: There is no/],
    ['staged text', 'stage: [{ parameter: marker }]', /“marker” does not hold files/],
    ['staged run', 'stage: [{ run: marker, globs: ["*"] }]', /“marker” is not a parameter of type run/],
    ['place in a name', "stage: [{ parameter: images, name: '{runId}{ext}' }]", /and not of|not of folders/],
    ['both channels', 'runId: { env: A, file: b }', /runId/],
    ['nothing to clear', 'before: { clear: [] }', /before, clear/],
  ])('tell a fault with its line and field: %s', (_, source, sentence) => {
    const faults = faultsOf(source);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toMatch(sentence);
    for (const fault of faults) expect(fault).toMatch(/^Line \d+, /);
  });

  it('takes no fault for what is only unusual', () => {
    expect(faultsOf(lines(`['{workFolder}/data', '{projectFolder}', 'a {braces} {2}']`.replace(' {braces} {2}', ' { braces }')))).toEqual(
      [],
    );
  });
});
