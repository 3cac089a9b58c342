import { text } from '../../locales/text';
import { adviceOn, faultOf, type Fault } from './fault-advice';

const failed = (note: string | null, exitCode: number | null = 1) => ({ state: 'failed' as const, note, exitCode });
const log = (...lines: string[]) => ({
  rows: lines.map((line, at) => ({ at, n: null, classes: '', stretches: [{ text: line, classes: '' }], leftOut: 0 })),
});
const status = text('queue.endedWithCode', { code: 1 });

describe('what went wrong with a run', () => {
  it.each<[Fault, ReturnType<typeof failed>, ReturnType<typeof log> | null]>([
    ['status', failed(status), log('reading', 'ValueError: no cells')],
    ['disk', failed(status), log('write failed: No space left on device', 'aborted')],
    ['memory', failed(status), log('numpy.core._exceptions._ArrayMemoryError', 'MemoryError: cannot allocate')],
    ['memory', failed(text('queue.endedByKill'), 137), null],
    ['memory', failed(`${text('runner.memoryExceeded', { size: '2 GB' })} ${text('runner.memoryOfPipeline', { title: 'Nuclei' })}`), null],
    ['missing', failed(text('queue.missingOutputs', { names: 'a.csv', count: 1 }), 0), log('done')],
    ['notFound', failed(text('queue.endedWithCode', { code: 127 }), 127), log('cellpose: not found')],
    ['size', failed(text('runner.fileTooLarge', { size: '1 GB' })), null],
    ['time', failed(text('runner.cpuTimeExceeded', { seconds: 5 })), null],
    ['start', failed(text('runner.cannotPrepare', { reason: 'no such file' }), null), null],
    ['machine', failed(text('queue.endedByNodeFailure'), null), null],
    ['outside', failed(text('slurm.preempted'), null), null],
    ['signal', failed(text('queue.endedBySignal', { signal: 'SIGSEGV' }), 139), null],
    ['parts', failed(`0 of 2 steps succeeded. ${text('outcome.failedOnes', { list: 'Segment (it said an error)' })}`, 0), null],
  ])('%s', (fault, run, lines) => {
    expect(faultOf(run, lines)).toBe(fault);
    const { kind, advice } = adviceOn(run, lines)!;
    expect([kind, ...advice].join(' ')).not.toMatch(/show\.|\{/);
    expect(advice.length).toBeGreaterThan(0);
  });

  it('sends nobody to a log in which nothing stands', () => {
    const advice = (run: ReturnType<typeof failed>, lines: ReturnType<typeof log>) => adviceOn(run, lines)!.advice.join(' ');
    const missing = failed(text('queue.missingOutputs', { names: 'a.csv', count: 1 }), 0);
    for (const run of [missing, failed(status)]) {
      expect(advice(run, log('reading'))).toMatch(/log below/);
      expect(advice(run, log())).toMatch(/wrote nothing/);
      expect(advice(run, log())).not.toMatch(/log below/);
    }
  });

  it('is time for a run that was stopped at its limit', () => {
    expect(faultOf({ state: 'timed_out', note: 'in words of another version', exitCode: 143 }, null)).toBe('time');
  });

  it('is not told of runs that went well, and where nothing is known', () => {
    expect(adviceOn({ state: 'succeeded', note: text('runner.partOutOfMemory'), exitCode: 0 }, null)).toBeNull();
    expect(adviceOn({ state: 'cancelled', note: 'Cancelled by you', exitCode: null }, null)).toBeNull();
    expect(adviceOn(failed('in words of another version', null), null)).toBeNull();
  });
});
