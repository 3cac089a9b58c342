import { readProgressLine } from './progress-lines';

/** Lines as the tools print them. */
const LINES: [string, string, number | null, string | null][] = [
  ['tqdm', ' 45%|████▌     | 45/100 [00:05<00:06,  8.50it/s]', 45, null],
  ['tqdm with a name', 'Segmenting:  12%|█▏        | 3/25 [00:31<03:49, 10.43s/it]', 12, 'Segmenting'],
  ['tqdm in ASCII', 'Epoch 3:  60%|######    | 600/1000 [00:10<00:06, 59.8it/s, loss=0.31]', 60, 'Epoch 3'],
  ['tqdm of bytes', 'model.pth: 100%|██████████| 98.1M/98.1M [00:02<00:00, 41.2MB/s]', 100, 'model.pth'],
  ['tqdm in colour', '\u001b[32m  7%|\u001b[0m▋         | 7/100 [00:00<00:01, 61.2it/s]', 7, null],
  ['snakemake', '3 of 10 steps (30%) done', 30, null],
  ['keras', ' 12/100 [==>...........................] - ETA: 41s - loss: 0.6931', 12, null],
  ['keras 3', '25/100 ━━━━━━━━━━━━━━━━━━━━ 3s 45ms/step', 25, null],
  ['make', '[ 45%] Building CXX object src/a.o', 45, 'Building CXX object src/a.o'],
  ['a percentage first', '35.4 % segment', 35.4, 'segment'],
  ['a percentage alone', '99%', 99, null],
  ['a named percentage', '2026-05-06 12:00:01 INFO progress: 62.5%', 62.5, null],
  ['a percentage that is done', 'alignment 80% complete', 80, null],
  ['brackets', '[3/10] reading slide 3', 20, 'reading slide 3'],
  [
    'a count with its word',
    '2026-05-06 12:00:01 INFO Processing image 6/10: b.tif',
    50,
    '2026-05-06 12:00:01 INFO Processing image 6/10: b.tif',
  ],
  ['a count in words', 'Tile 1 of 4', 0, 'Tile 1 of 4'],
];

const OTHERS = [
  '',
  'Accuracy 97%, loss 0.03',
  'CPU 80% used',
  '05/06/2026 12:00:01 started',
  'file 05/06/2026.txt',
  'image 12/5',
  'step 0/0',
  '[12/0]',
  '120%',
  'see chapter 3 of 10 for more',
  'https://example.org/page/1/2/3',
  '45it [00:05, 8.50it/s]',
];

describe('readProgressLine', () => {
  it.each(LINES)('understands %s', (_what, line, percent, text) => {
    expect(readProgressLine(line, 'auto')).toEqual({ kind: 'bar', percent, text });
  });

  it('tells passes and parts from bars', () => {
    expect(readProgressLine('Epoch 3/10', 'auto')).toEqual({ kind: 'pass', at: 3, of: 10, text: 'Epoch 3/10' });
    expect(readProgressLine('[ab/12cd34] process > NFCORE:ALIGN (s3) [ 30%] 3 of 10', 'auto')).toEqual({
      kind: 'part',
      name: 'NFCORE:ALIGN',
      done: 3,
      total: 10,
    });
    expect(readProgressLine('[9f/0a1b2c] FASTQC (sample 1)       [100%] 4 of 4 ✔', 'auto')).toMatchObject({
      name: 'FASTQC',
      done: 4,
      total: 4,
    });
  });

  it.each(OTHERS)('takes "%s" for no progress', (line) => expect(readProgressLine(line, 'auto')).toBeNull());

  it('looks for bars of tqdm alone where that was asked for', () => {
    expect(readProgressLine(' 45%|████▌     | 45/100 [00:05<00:06,  8.50it/s]', 'tqdm')).toMatchObject({ percent: 45 });
    expect(readProgressLine('[3/10] reading', 'tqdm')).toBeNull();
    expect(readProgressLine('99%', 'tqdm')).toBeNull();
  });

  it('needs no time for lines that are made to take it', () => {
    const pieces = ['1', '9 ', '% ', '[', '(', 'a: ', '12/', 'step ', 'of ', '\u001b[', '|', ' ', '\t', 'progress ', 'ab/12cd34] '];
    const began = performance.now();
    for (const one of pieces) {
      for (const other of pieces) {
        const line = (one + other).repeat(400);
        for (const length of [400, 499, 900]) readProgressLine(line.slice(0, length), 'auto');
      }
    }
    // A thousandth of this would do; an exponent in a pattern would take for ever.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
