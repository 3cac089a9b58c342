import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from './random';

/**
 * How a program of the campaign behaves. `stubborn` ignores TERM, `loud` writes more than the log keeps, `forking` leaves children behind,
 * `slow` is longer than its time limit, `flaky` fails at its first attempt and belongs to a pipeline that asks for another one.
 */
export type JobKind = 'plain' | 'failing' | 'stubborn' | 'loud' | 'forking' | 'slow' | 'flaky';

export interface Job {
  /** What the program calls itself in the journal. */
  key: string;
  kind: JobKind;
  seconds: string;
  /** The exit status that it will have, if it comes to its end. */
  code: number;
}

const KINDS: readonly [JobKind, number][] = [
  ['plain', 0.5],
  ['failing', 0.12],
  ['stubborn', 0.09],
  ['loud', 0.08],
  ['forking', 0.08],
  ['slow', 0.05],
  ['flaky', 0.08],
];
const CODES = [1, 3, 7, 42, 255];

/** The next job of a series that its seed repeats. */
export function drawJob(random: Random, index: number): Job {
  let dice = random.next();
  const kind = KINDS.find(([, share]) => (dice -= share) < 0)?.[0] ?? 'plain';
  const seconds = kind === 'slow' ? '30' : random.between(0, 0.6).toFixed(2);
  return { key: `job-${index}`, kind, seconds, code: kind === 'failing' ? random.pick(CODES) : 0 };
}

export function plainJob(key: string, seconds: string): Job {
  return { key, kind: 'plain', seconds, code: 0 };
}

/** The pipeline that a job belongs to: they differ in what only a pipeline can say. */
export function pipelineOf({ kind }: Job): string {
  return kind === 'slow' || kind === 'flaky' ? kind : 'plain';
}

export function parametersOf({ key, kind, seconds, code }: Job): Record<string, string> {
  return { key, kind, seconds, code: String(code) };
}

/** In seconds: a slow one runs out of its time. */
const SLOW_LIMIT = 1;
const LIMIT = 3600;

export function timeLimitOf({ kind }: Job): number {
  return kind === 'slow' ? SLOW_LIMIT : LIMIT;
}

/**
 * The program says itself that it starts and ends: each a durable line in the journal, written by one call to a file opened for
 * appending. Where `flock` is at hand it holds a lock that its children inherit, so that two living attempts of one run meet in it.
 * For dash and busybox alike.
 */
const SCRIPT = `#!/bin/sh
journal=$1 key=$2 kind=$3 seconds=$4 code=$5
# A launcher gives its program an id of the form run-attempt-rest, and no more.
attempt=\${RUN_ID:-0-0}
attempt=\${attempt#*-}
attempt=\${SHOWRUNNER_ATTEMPT:-\${attempt%%-*}}
say() { printf '%s %s %s %s\\n' "$1" "$key" "$attempt" "$2" | dd of="$journal" oflag=append conv=notrunc,fsync 2>/dev/null; }
[ "$kind" = stubborn ] && trap '' TERM
if command -v flock >/dev/null; then
  exec 9>>"$journal.$key"
  flock -n 9 || say overlap -
fi
say start -
case $kind in
  loud) i=0; while [ $i -lt 4000 ]; do echo "$i 0123456789012345678901234567890123456789012345678901234567890123456789"; i=$((i + 1)); done ;;
  forking)
    sleep 60 &
    # Out of reach of a launcher, and of a cluster that follows process groups.
    [ -n "\${RUN_ID:-}\${SLURM_JOB_ID:-}" ] || (setsid sleep 60 &)
    ;;
  flaky) [ "$attempt" -gt 1 ] || code=9 ;;
esac
sleep "$seconds"
say end "$code"
exit "$code"
`;

/**
 * Lays the three pipelines of the campaign into a folder of pipelines.
 * @param block what says how they are started, such as `{ docker: { image } }`; none for processes.
 */
export function addPipelines(folder: string, journal: string, block: Record<string, unknown>, retryOn: readonly string[]): void {
  const extras = {
    plain: { limits: { time: `${LIMIT}s` } },
    slow: { limits: { time: `${SLOW_LIMIT}s` } },
    flaky: { limits: { time: `${LIMIT}s` }, retry: { starts: 2, on: retryOn } },
  };
  for (const [id, extra] of Object.entries(extras)) {
    const home = join(folder, id);
    mkdirSync(home);
    writeFileSync(join(home, 'job.sh'), SCRIPT);
    chmodSync(join(home, 'job.sh'), 0o755);
    const names = ['key', 'kind', 'seconds', 'code'];
    const words = { parameters: names.map((name) => ({ name, type: 'string' })), arguments: names.map((name) => `{${name}}`) };
    // JSON is YAML, too.
    writeFileSync(join(home, 'pipeline.yaml'), JSON.stringify({ command: ['./job.sh', journal], ...words, ...block, ...extra }));
  }
}
