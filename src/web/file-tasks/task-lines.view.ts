import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { duration } from '../../browser/time-words';
import { QueueStore } from '../../common/queue/queue-store';
import { keptInWords } from '../../common/kept-sentences';
import { FileTasks } from '../../common/file-tasks/file-tasks';
import type { FileTask, TaskKind, TaskState } from '../../common/file-tasks/file-task.entity';
import { formatNumber } from '../../locales/formats';
import { text, type TextKey } from '../../locales/text';
import { timeWords } from '../views/elements';

/** One piece of work on files, as a page shows it. */
export interface TaskLine {
  id: string;
  /** "Unpack Plate 7.zip" */
  what: string;
  icon: string;
  /** Class of the icon. */
  tone: string;
  state: TaskState;
  isUnfinished: boolean;
  isBad: boolean;
  /** Percent; null while nobody knows. */
  percent: number | null;
  /** How far it is, or how it ended. */
  sentence: string;
  canCancel: boolean;
  /** Address in the project of what it made. */
  resultPath: string | null;
}

export interface TaskPanel {
  lines: TaskLine[];
  /** Whether something will change by itself. */
  isWorking: boolean;
}

const ICONS: Record<TaskKind, { icon: string }> = {
  extract: { icon: 'file-zip' },
  copy: { icon: 'copy' },
  import: { icon: 'file-import' },
  digest: { icon: 'fingerprint' },
};

type Mark = Pick<TaskLine, 'icon' | 'tone'>;

const ENDED: Record<'done' | 'failed' | 'cancelled', Mark> = {
  done: { icon: 'circle-check', tone: 'ok' },
  failed: { icon: 'alert-circle', tone: 'bad' },
  cancelled: { icon: 'ban', tone: 'soft' },
};

const WHATS: Record<TaskKind, TextKey> = {
  extract: 'tasks.whatExtract',
  copy: 'tasks.whatCopy',
  import: 'tasks.whatImport',
  digest: 'tasks.whatDigest',
};

/** How long cancelled work and work that went well stay in the list. What failed stays until somebody has seen it. */
const SHOWN_FOR_MS = 10 * 60_000;
/** A guess of the time left from less work than this is none. */
const LEAST_SHARE = 0.02;

/** The work on files of a project: what is under way, and what ended a short while ago. */
@Injectable()
export class TaskLinesView {
  constructor(
    private readonly tasks: FileTasks,
    private readonly queue: QueueStore,
  ) {}

  async of(projectId: string): Promise<TaskPanel> {
    const tasks = await this.tasks.ofProject(projectId);
    if (tasks.length === 0) return { lines: [], isWorking: false };
    const nowMs = await this.queue.nowMs();
    const shown = tasks.filter((task) => task.state === 'failed' || (task.finishedMs ?? nowMs) > nowMs - SHOWN_FOR_MS);
    const lines = shown.map((task) => taskLine(task, nowMs));
    return { lines, isWorking: lines.some((line) => line.isUnfinished) };
  }
}

export function taskLine(task: FileTask, nowMs: number): TaskLine {
  const isUnfinished = task.finishedMs === null;
  const share = shareOf(task);
  return {
    id: task.id,
    what: text(WHATS[task.kind], { title: task.title }),
    ...markOf(task),
    state: task.state,
    isUnfinished,
    isBad: task.state === 'failed',
    percent: isUnfinished && share !== null ? Math.floor(share * 100) : null,
    sentence: isUnfinished ? progress(task, share, nowMs) : keptInWords(task.note ?? ''),
    canCancel: isUnfinished && task.placingMs === null && task.cancelMs === null,
    resultPath: task.resultPath,
  };
}

function markOf({ state, kind }: FileTask): Mark {
  return state === 'waiting' || state === 'working' ? { ...ICONS[kind], tone: 'soft' } : ENDED[state];
}

/** Bytes tell it, unless all files are empty. */
function shareOf({ doneBytes, totalBytes, doneFiles, totalFiles }: FileTask): number | null {
  if (totalBytes > 0) return Math.min(1, doneBytes / totalBytes);
  return totalFiles > 0 ? Math.min(1, doneFiles / totalFiles) : null;
}

function progress(task: FileTask, share: number | null, nowMs: number): string {
  if (task.state === 'waiting') return text('tasks.waiting');
  if (task.cancelMs !== null) return text('tasks.cancelling');
  if (task.placingMs !== null) return text('tasks.placing');
  if (share === null) return text('tasks.beginning');
  const { doneBytes, totalBytes, doneFiles, totalFiles, startedMs } = task;
  const parts = [
    text('tasks.bytesDone', { done: formatBytes(doneBytes), total: formatBytes(totalBytes) }),
    text('tasks.filesDone', { done: formatNumber(doneFiles), total: formatNumber(totalFiles), count: totalFiles }),
  ];
  if (startedMs !== null && share > LEAST_SHARE && share < 1) {
    const seconds = ((nowMs - startedMs) / 1000) * (1 / share - 1);
    parts.push(text('tasks.left', { time: duration(Math.max(1, seconds), timeWords()) }));
  }
  return parts.join(' · ');
}
