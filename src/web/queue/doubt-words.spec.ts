import { storedText, text } from '../../locales/text';
import { doubtInWords, isDeclaredLost } from './doubt-words';

const seen = () => storedText('runner.supervisorGone', { count: 2 });
const run = (state: 'unknown' | 'lost' | 'failed', note: string | null, runnerName: string | null = 'ws-core-1') => ({
  state,
  note,
  runnerName,
});

it('does not call a program gone that may still run', () => {
  expect(doubtInWords(run('unknown', 'Last seen on ws-core-1.'))).toBe(text('show.unknownHeading'));
  expect(doubtInWords(run('unknown', seen()))).toBe(text('show.unknownStillRuns'));
  const byName = storedText('queue.declaredLostBy', { name: 'Root', evidence: seen() });
  expect(doubtInWords(run('lost', byName))).toBe(text('show.lostDeclaredOn', { runner: 'ws-core-1' }));
  expect(doubtInWords(run('lost', storedText('queue.declaredLostFromShell', { evidence: seen() }), null))).toBe(text('show.lostDeclared'));
  expect(doubtInWords(run('lost', storedText('runner.deadWithoutRecord')))).toBe(text('show.lostHeading'));
  expect(doubtInWords(run('lost', null))).toBe(text('show.lostHeading'));
  expect(doubtInWords(run('failed', seen()))).toBeNull();
  expect(isDeclaredLost(run('lost', byName))).toBe(true);
});
