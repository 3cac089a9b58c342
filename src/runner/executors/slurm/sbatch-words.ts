import { text } from '../../../locales/text';
import { PrepareError, type Assignment } from '../executor';
import type { JobIdentity } from './slurm-job';

/** Slurm's own limit comes a little later than that of the run, which lets the program tidy up and names the reason. */
const MORE_SECONDS = 120;

/**
 * The options of `sbatch` for one attempt, each one word. Those of the manifest come first: of two the last one counts, so none of them can
 * undo what keeps a job held, findable and started once.
 * @throws PrepareError when the words cannot be given to a program.
 */
export function sbatchWords(assignment: Assignment, { name, comment }: JobIdentity, graceSeconds: number): string[] {
  const { runtime, needs, cwd, folder, timeLimitSeconds } = assignment;
  if (runtime.kind !== 'slurm') throw new PrepareError(text('slurm.notForSlurm'));
  const seconds = typeof runtime.time === 'number' ? runtime.time : timeLimitSeconds + graceSeconds + MORE_SECONDS;
  const places = (['partition', 'account', 'qos', 'constraint'] as const).flatMap((field) => {
    const value = runtime[field];
    return typeof value === 'string' ? [`--${field}=${value}`] : [];
  });
  const words = [
    ...runtime.options,
    ...places,
    '--parsable',
    '--hold',
    '--no-requeue',
    `--job-name=${name}`,
    `--comment=${comment}`,
    `--chdir=${cwd}`,
    '--input=/dev/null',
    // In a file name the per cent sign begins a pattern.
    `--output=${folder.replaceAll('%', '%%')}/log`,
    '--open-mode=append',
    // All of an environment that holds nothing but what programs may know. `NONE` would make Slurm log the user in on the node.
    '--export=ALL',
    '--nodes=1',
    '--ntasks=1',
    `--cpus-per-task=${Math.max(1, Math.ceil(needs.cpu / 1000))}`,
    ...(needs.memory > 0 ? [`--mem=${needs.memory}M`] : []),
    ...(needs.gpus > 0 ? [`--gres=gpu:${needs.gpus}`] : []),
    `--time=${Math.ceil(seconds / 60)}`,
  ];
  if (words.some((word) => word.includes('\0'))) throw new PrepareError(text('slurm.notForSlurm'));
  return words;
}
