import { formatDate } from '../../../locales/formats';
import { text, type TextKey } from '../../../locales/text';
import type { SlurmJob } from './slurm-job';

const START = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
} as const;

/** Slurm's words for why a job waits, as far as they mean something to people; the longest beginning that fits counts. */
const REASONS: readonly [pattern: RegExp, key: TextKey][] = [
  [/^Priority$/, 'slurm.waitsPriority'],
  [/^Resources$/, 'slurm.waitsResources'],
  [/^(None|)$/, 'slurm.waitsScheduler'],
  [/^JobHeldAdmin$/, 'slurm.waitsHeldAdmin'],
  [/^(job_requeued_in_held_state|launch_failed_requeued_held)$/, 'slurm.waitsHeldAdmin'],
  [/^DependencyNeverSatisfied$/, 'slurm.waitsDependencyNever'],
  [/^Dependency$/, 'slurm.waitsDependency'],
  [/^BeginTime$/, 'slurm.waitsBeginTime'],
  [/^Licenses$/, 'slurm.waitsLicenses'],
  [/^(ReqNodeNotAvail|Nodes_required_for_job_are_DOWN)/, 'slurm.waitsNodes'],
  [/^(NodeDown|BadConstraints)$/, 'slurm.waitsNodes'],
  [/^Reservation/, 'slurm.waitsReservation'],
  [/^(PartitionTimeLimit|QOSMaxWallDurationPerJobLimit|AssocMaxWallDurationPerJobLimit)$/, 'slurm.waitsTimeLimit'],
  [/^(PartitionDown|PartitionInactive)$/, 'slurm.waitsPartitionDown'],
  [/^(PartitionNodeLimit|PartitionConfig)$/, 'slurm.waitsPartitionConfig'],
  [/^(QOS|Assoc)(Grp|Max)(Jobs|Submit)/, 'slurm.waitsJobsLimit'],
  [/^(QOS|Assoc|Max)/, 'slurm.waitsShareLimit'],
  [/^(InvalidAccount|InvalidQOS|QOSNotAllowed|AccountNotAllowed)$/, 'slurm.waitsNotAllowed'],
  [/^(Prolog|Cleaning|NodeNotReady)/, 'slurm.waitsNodeReady'],
  [/^(BurstBuffer)/, 'slurm.waitsStorage'],
];

/** Why a job of the cluster has not begun, and when it is expected to. @param nowMs for leaving out an expectation that has passed. */
export function pendingNote({ reason, startMs }: Pick<SlurmJob, 'reason' | 'startMs'>, nowMs: number): string {
  const key = REASONS.find(([pattern]) => pattern.test(reason))?.[1] ?? 'slurm.waitsOther';
  const why = text(key, { reason });
  return startMs === null || startMs <= nowMs ? why : `${why} ${text('slurm.expectedStart', { time: formatDate(startMs, START) })}`;
}
