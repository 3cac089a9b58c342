import { readBackward, readForward } from './log-reader';
import type { LogFile } from './log-file';
import { textOf } from './terminal-line';

function logOf(content: string): LogFile {
  const bytes = Buffer.from(content);
  return { size: bytes.length, read: (from: number, to: number) => Promise.resolve(bytes.subarray(from, to)) } as unknown as LogFile;
}

const charactersOf = (rows: { stretches: [string, string][] }[]) => rows.reduce((sum, { stretches }) => sum + textOf(stretches).length, 0);

describe('rows of a log', () => {
  it('are few where each is sent to a far column, and reading goes on from there', async () => {
    const log = logOf('\u{1b}[2000Gx\n'.repeat(500));
    const first = await readForward(log, 0, { most: 500 });
    expect(charactersOf(first.rows)).toBeLessThanOrEqual(130 * 1024);
    expect(first.to).toBeLessThan(log.size);
    expect((await readForward(log, first.to, { most: 500 })).from).toBe(first.to);
    const last = await readBackward(log, log.size, { most: 500 });
    expect(charactersOf(last.rows)).toBeLessThanOrEqual(130 * 1024);
    expect(last).toMatchObject({ to: log.size, resume: log.size });
    expect(last.from).toBe(last.rows[0].at);
    const above = await readBackward(log, last.from, { most: 500 });
    expect(above.to).toBe(last.from);
    expect(above.rows.at(-1)?.at).toBe(last.from - '\u{1b}[2000Gx\n'.length);
  });

  it('are the last ones that were asked for, in the colours that those before left on', async () => {
    const log = logOf(`\u{1b}[31mred\n${'line\n'.repeat(1000)}`);
    const { rows, from } = await readBackward(log, log.size, { most: 3 });
    expect(rows.map(({ stretches }) => stretches)).toEqual([[['line', 'f1']], [['line', 'f1']], [['line', 'f1']]]);
    expect(from).toBe(log.size - 15);
  });

  it.each(['x\u{1b}[2K', 'x\u{1b}[1K'])('take no time where a small log was made to take much: %j', async (turn) => {
    const log = logOf(`\u{1b}[40000G${turn.repeat(3200)}\n`.repeat(4));
    const begin = performance.now();
    await readBackward(log, log.size, { most: 500 });
    expect(performance.now() - begin).toBeLessThan(3000);
  });
});
