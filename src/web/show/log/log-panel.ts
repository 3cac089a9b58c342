import { Injectable } from '@nestjs/common';
import { isHeld } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import { isLong, lastWords, rowViews, scriptWords, type LastWords, type LogRowView } from './log.view';
import { RunLog, type LogFacts } from './run-log';

/** The end of a log as `views/partials/show/log.hbs` draws it on the page of its run. */
export interface LogPanelView extends LogFacts, LastWords {
  rows: LogRowView[];
  /** First byte of what is shown. */
  from: number;
  /** Byte from which a script goes on following. */
  resume: number;
  /** The attempt whose log this is. */
  attempt: number;
  /** Whether more may come. */
  grows: boolean;
  isLong: boolean;
  /** Sentences for the script. */
  words: Record<string, string>;
}

/** The end of the log of a run's last attempt. */
@Injectable()
export class LogPanel {
  constructor(private readonly log: RunLog) {}

  /** @param most rows. */
  async of(run: Pick<Run, 'id' | 'attempt' | 'state'>, most: number): Promise<LogPanelView> {
    const key = { runId: run.id, attempt: run.attempt };
    const block = (await this.log.rows(key, { kind: 'end' }, { most }))!;
    const facts = await this.log.facts(key);
    return {
      ...facts,
      rows: rowViews(block),
      from: block.from,
      resume: block.resume,
      attempt: run.attempt,
      grows: isHeld(run.state),
      ...lastWords(block.rows),
      isLong: isLong(facts),
      words: scriptWords(),
    };
  }
}
