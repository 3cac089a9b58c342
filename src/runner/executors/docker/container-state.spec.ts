import { endOf, type Inspected } from './container-state';

function container(exitCode: number): Inspected {
  const times = { StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '2026-01-01T00:01:00Z' };
  return {
    Id: 'c',
    Image: 'i',
    Config: { Labels: null },
    HostConfig: { Memory: 64_000_000 },
    State: { Status: 'exited', OOMKilled: true, ExitCode: exitCode, Error: '', ...times },
  };
}

describe('the end of a container of which a part was ended for want of memory', () => {
  it('tells it where the program went on and ended well', () => {
    expect(endOf(container(0), false, null)).toEqual({
      exitCode: 0,
      cause: 'outOfMemory',
      note: expect.stringContaining('ended well. Check the results') as unknown,
    });
    expect(endOf(container(0), true, null)).toEqual({ exitCode: 0 });
  });

  it('names the limit where the program failed', () => {
    expect(endOf(container(1), false, null)).toMatchObject({
      exitCode: 1,
      cause: 'outOfMemory',
      note: expect.stringContaining('64 MB') as unknown,
    });
  });
});
