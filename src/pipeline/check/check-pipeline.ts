import type { AppConfig } from '../../common/config/app-config';
import { EXIT } from '../exit';
import { describeFault, type Fault } from './fault';
import { findPipeline } from './found-pipeline';
import { runSample, type SampleReport } from './sample-run';

/** All that `check` found out about one pipeline. */
export interface CheckReport {
  pipeline: string;
  /** The file that describes it; null where it has faults, each of which names its own. */
  file: string | null;
  faults: Fault[];
  samples: SampleReport[];
  exitStatus: number;
}

interface CheckOptions {
  keep?: boolean;
  stop?: AbortSignal;
}

/** @throws StartupError when there is no such pipeline. */
export async function checkPipeline(config: AppConfig, name: string, { keep = false, stop }: CheckOptions = {}): Promise<CheckReport> {
  const found = await findPipeline(config, name);
  if (Array.isArray(found)) return { pipeline: name, file: null, faults: found, samples: [], exitStatus: EXIT.faults };
  const signal = stop ?? new AbortController().signal;
  const samples: SampleReport[] = [];
  for (const sample of found.samples) {
    if (!signal.aborted) samples.push(await runSample(found, sample, { config, keep, stop: signal }));
  }
  const { id } = found.pipeline.manifest;
  return { pipeline: id, file: found.file, faults: [], samples, exitStatus: signal.aborted ? EXIT.interrupted : statusOf(samples) };
}

function statusOf(samples: readonly SampleReport[]): number {
  if (samples.some(({ result }) => result === 'failed')) return EXIT.failed;
  return samples.some(({ result }) => result === 'away') ? EXIT.unavailable : EXIT.fine;
}

const WORDS = { passed: 'passed', failed: 'FAILED', away: 'not run' } as const;

/** The report for people. */
export function describeReport({ pipeline, file, faults, samples }: CheckReport): string {
  if (faults.length > 0) return [...faults.map(describeFault), `${pipeline} has ${count(faults.length, 'fault')}.`].join('\n');
  const lines = [`${pipeline}: ${file ?? ''} has no faults.`];
  for (const { title, result, faults: wrong, seconds, log, folder } of samples) {
    lines.push(`${WORDS[result]}  ${title} (${seconds} s)`, ...wrong.map((sentence) => `        ${sentence}`));
    if (log)
      lines.push(
        '        The end of its log:',
        ...log
          .trimEnd()
          .split('\n')
          .map((line) => `        | ${line}`),
      );
    if (folder !== null) lines.push(`        Its folder: ${folder}`);
  }
  if (samples.length === 0) lines.push('It declares no samples, so nothing was run. See "samples" in docs/pipelines.md.');
  return lines.join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
