import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import type { KeptSentence } from '../kept-sentences';
import type { SafeDirectory } from '../files/safe-directory';
import type { FileTask, TaskKind } from './file-task.entity';

/** What a program of a task is given beside its brief. */
export interface TaskMeans {
  /** What it may touch beside its staging folder, as handles 4, 5, … of the program; closed by whoever asked for them. */
  handles: FileHandle[];
  /** Named on, to the program. */
  brief: unknown;
}

/** How a task ended well. */
export interface TaskOutcome {
  /** For people. */
  note: readonly KeptSentence[];
  /** Address in the project of what was made, where it is one thing. */
  resultPath: string | null;
}

/** One kind of long work. It is split, so that it happens wholly or not at all: a program writes into a staging folder, then all is moved. */
export interface FileTaskKind {
  readonly kind: TaskKind;
  /** Absolute path of the program, without its ending; it calls `runTaskProgram`. */
  readonly program: string;
  /** Opens what the program needs. @throws DomainError when it is gone. */
  open(task: FileTask): Promise<TaskMeans>;
  /**
   * Moves everything from the staging folder to where it belongs. May be called again after an interruption, for what is left there.
   * @param result what the program returned; undefined after an interruption.
   */
  place(task: FileTask, staging: SafeDirectory, result: unknown): Promise<TaskOutcome>;
}

/** The kinds of work that this process knows; each registers itself when the process starts. */
@Injectable()
export class FileTaskKinds {
  private readonly kinds = new Map<TaskKind, FileTaskKind>();

  register(kind: FileTaskKind): void {
    this.kinds.set(kind.kind, kind);
  }

  find(kind: TaskKind): FileTaskKind | undefined {
    return this.kinds.get(kind);
  }
}
