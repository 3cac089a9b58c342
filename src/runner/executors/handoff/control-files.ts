import { link, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HandoffRuntime } from '../../../common/pipelines/runtime';
import type { Observation } from '../executor';
import { readSmallFile } from '../process-table';

/** What is known of an attempt from the moment it is prepared: `handoff.json`. */
export interface HandoffPlan {
  runId: number;
  attempt: number;
  /** Stands in the run-id file; letters, digits and hyphens. */
  token: string;
  runtime: HandoffRuntime;
}

/** Says that the files were, or were about to be, laid down for the launcher (`lay`), or never will be (`never`): `laid`. */
export type Laid = { kind: 'never' } | { kind: 'lay'; lastRunId: string | null; log: LogMark | null };

/** What a log looked like, to tell whether it was written since. */
export interface LogMark {
  size: number;
  mtimeMs: number;
}

/** The end, written down once so that it can be read when the hand-off folder has long served others: `ended`. */
export interface EndRecord {
  attempt: number;
  seen: Observation;
}

/**
 * The control files of one attempt, in a folder that only runners write. Files that decide something are made under another name and
 * then linked to theirs: of everybody who wants to decide exactly one succeeds, and nobody ever reads half a decision.
 */
export class ControlFiles {
  constructor(private readonly folder: string) {}

  writePlan(plan: HandoffPlan): Promise<void> {
    return this.write('handoff.json', JSON.stringify(plan));
  }

  readPlan(): Promise<HandoffPlan | null> {
    return this.readJson<HandoffPlan>('handoff.json');
  }

  /** The start-once marker: `go`, `sealed`, or nothing yet. */
  readMarker(): Promise<string | null> {
    return readSmallFile(join(this.folder, 'started'));
  }

  /** @returns false when it was there already. */
  mark(word: 'go' | 'sealed'): Promise<boolean> {
    return this.decide('started', word);
  }

  readLaid(): Promise<Laid | null> {
    return this.readJson<Laid>('laid');
  }

  /** @returns false when it was decided already. */
  decideLaid(laid: Laid): Promise<boolean> {
    return this.decide('laid', JSON.stringify(laid));
  }

  async readEnd(): Promise<EndRecord | null> {
    return this.readJson<EndRecord>('ended');
  }

  /** The first end that is written down stays. */
  writeEnd(record: EndRecord): Promise<boolean> {
    return this.decide('ended', JSON.stringify(record));
  }

  /** Notes that it was asked to stop, so that a success before that is told from an answer to it. */
  async noteAsked(): Promise<void> {
    await (await open(join(this.folder, 'asked'), 'a')).close();
  }

  async wasAsked(): Promise<boolean> {
    try {
      await (await open(join(this.folder, 'asked'), 'r')).close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  private async readJson<Content>(name: string): Promise<Content | null> {
    const text = await readSmallFile(join(this.folder, name));
    return text === null ? null : (JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as Content);
  }

  private async decide(name: string, content: string): Promise<boolean> {
    const draft = await this.draft(name, content);
    try {
      await link(draft, join(this.folder, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  private async write(name: string, content: string): Promise<void> {
    await rename(await this.draft(name, content), join(this.folder, name));
  }

  /** Durable before it is visible. */
  private async draft(name: string, content: string): Promise<string> {
    const path = join(this.folder, `.${name}.${process.pid}-${performance.now()}`);
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return path;
  }
}
