import { createLogger } from './application';
import { withLogFields } from './log-fields';

describe('the log of a process', () => {
  let lines: string[];

  beforeEach(() => {
    lines = [];
    const take = (text: string | Uint8Array) => lines.push(String(text)) > 0;
    for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockImplementation(take);
  });
  afterEach(() => void jest.restoreAllMocks());

  const open = (format: 'text' | 'json') => createLogger({ LOG_FORMAT: format, LOG_LEVEL: 'info' }, 'web');
  const inRequest = (work: () => void) => withLogFields(() => ({ request: 'r-abc', run: 12 }), work);

  it('tells in JSON which request and which run a line is about', () => {
    inRequest(() => open('json').warn('The disk is full', 'Files'));
    open('json').warn('Nobody asked', 'Files');
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ message: 'The disk is full', context: 'Files', level: 'warn', request: 'r-abc', run: 12 });
    expect(Object.keys(second)).not.toContain('request');
  });

  it('carries them through whatever a request sets going', async () => {
    await withLogFields(
      () => ({ run: 7 }),
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        open('json').log('later', 'Runner');
      },
    );
    expect(JSON.parse(lines[0])).toMatchObject({ run: 7 });
  });

  it('adds the request to a readable line that does not name it', () => {
    inRequest(() => open('text').warn('The disk is full', 'Files'));
    inRequest(() => open('text').warn('r-abc GET "/" 500', 'Request'));
    expect(lines[0]).toMatch(/\[Files\] The disk is full r-abc\n$/);
    expect(lines[1]).toMatch(/\[Request\] r-abc GET "\/" 500\n$/);
  });

  it.each(['text', 'json'] as const)('lets no name of a file pass for a line of its own, or move the cursor: %s', (format) => {
    open(format).error('Cannot read a\n2026-11-26 09:00:00 info  [Cleaner] forged \u001b[2J\u202e', 'Error: a\u001b[2J\n    at b', 'Files');
    const whole = lines.join('');
    // oxlint-disable-next-line no-control-regex -- they are what must not be there
    expect(whole).not.toMatch(/[\u001b\u202e]/);
    for (const line of whole.trimEnd().split('\n').slice(1)) expect(line).toMatch(/^(\s|Error: |\{)/);
  });
});
