import { parseOptions } from './options';

describe('parseOptions', () => {
  it('looks unless it is told to go', () => {
    expect(parseOptions([])).toMatchObject({ mode: 'look', places: [], tables: { users: 'users', queue: 'queue' }, join: false });
    expect(
      parseOptions(['/srv/old', '--go', '--results=analysis/, log.txt', '--column=users.email=Mail', '--domain=@Lab.org']),
    ).toMatchObject({
      mode: 'go',
      places: ['/srv/old'],
      results: ['analysis', 'log.txt'],
      columns: { 'users.email': 'Mail' },
      domain: 'lab.org',
    });
  });

  it.each([
    [['--go', '--undo'], 'Write --go or --undo, not both.'],
    [['--delete'], 'There is no option --delete.'],
    [['--database'], 'Write --database=… with its value.'],
    [['--go=yes'], 'There is no option --go.'],
    [['--results=a/b'], '--results names what lies directly in a project'],
    [['--results=..'], '--results names what lies directly in a project'],
    [['--users=a.b'], '--users needs the name of a table.'],
    [['--column=email=mail'], 'Write --column=users.email=mail'],
    [['--domain=10.0.0.1'], '--domain needs the part of addresses behind the @'],
  ])('refuses %j with one line', (words, line) => {
    expect(() => parseOptions(words)).toThrow(line);
    expect(() => parseOptions(words)).toThrow(expect.objectContaining({ exitStatus: 64 }) as Error);
  });
});
