import { isAlive, parseStat, readProcess } from './process-table';

const FIELDS = 'S 1 20 30 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 1000';

describe('parseStat', () => {
  it.each(['sh', 'a b', 'x) S 9 9 (y', 'new\nline', ')'])('reads the fields behind the name "%s"', (name) => {
    expect(parseStat(`123 (${name}) ${FIELDS}`)).toEqual({
      pid: 123,
      parent: 1,
      group: 20,
      session: 30,
      startTicks: '4711',
      zombie: false,
      stopped: false,
    });
  });

  it('knows what has ended', () => {
    expect(parseStat(`123 (sh) ${FIELDS.replace('S', 'Z')}`)?.zombie).toBe(true);
  });

  it('makes nothing of half a line', () => {
    expect(parseStat('123 (sh) S 1')).toBeNull();
    expect(parseStat('')).toBeNull();
  });
});

describe('isAlive', () => {
  it('takes a process for itself by its start time, not by its number', () => {
    const self = readProcess(process.pid);
    expect(isAlive(process.pid, self?.startTicks ?? '')).toBe(true);
    expect(isAlive(process.pid, '1')).toBe(false);
    expect(readProcess(2 ** 22 + 1)).toBeNull();
  });
});
