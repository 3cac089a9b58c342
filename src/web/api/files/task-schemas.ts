import { z } from 'zod';
import type { FileTask } from '../../../common/file-tasks/file-task.entity';
import { taskLine } from '../../file-tasks/task-lines.view';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const time = z.iso.datetime();

export const taskSchema = z
  .object({
    id: z.string(),
    kind: says(z.enum(['extract', 'copy', 'import', 'digest']), 'apiWork.taskKind'),
    what: says(z.string(), 'apiWork.taskWhat'),
    state: z.enum(['waiting', 'working', 'done', 'failed', 'cancelled']),
    sentence: says(z.string(), 'apiWork.taskSentence'),
    mayCancel: says(z.boolean(), 'apiWork.taskMayCancel'),
    doneBytes: z.number(),
    totalBytes: says(z.number(), 'apiWork.taskTotal'),
    doneFiles: z.number(),
    totalFiles: says(z.number(), 'apiWork.taskTotal'),
    createdAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    result: says(z.string().nullable(), 'apiWork.taskResult'),
  })
  .meta({ id: 'FileTask' });

export const tasksSchema = z.object({ items: z.array(taskSchema), next: z.null() });

export type TaskJson = z.infer<typeof taskSchema>;

/** @param nowMs by the clock of the database. */
export function taskJson(task: FileTask, nowMs: number): TaskJson {
  const { id, kind, state, doneBytes, totalBytes, doneFiles, totalFiles, createdMs, startedMs, finishedMs, resultPath } = task;
  const { what, sentence, canCancel } = taskLine(task, nowMs);
  return {
    id,
    kind,
    what,
    state,
    sentence,
    mayCancel: canCancel,
    doneBytes,
    totalBytes,
    doneFiles,
    totalFiles,
    createdAt: isoTime(createdMs),
    startedAt: isoTimeOrNull(startedMs),
    finishedAt: isoTimeOrNull(finishedMs),
    result: resultPath,
  };
}
