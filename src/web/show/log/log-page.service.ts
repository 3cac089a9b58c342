import { Injectable } from '@nestjs/common';
import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';
import { isHeld, type RunState } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import { text } from '../../../locales/text';
import type { LogKey } from './log-file';
import type { Sought } from './log-search';
import { isLong, rowViews, scriptWords, type LogRowView } from './log.view';
import { RunLog, WHOLE_ROW, type LogFacts, type NumberedBlock, type Place } from './run-log';

/** What `views/show/log.hbs` shows. */
export interface LogPageView {
  title: string;
  pageClass: string;
  run: { id: number; pipelineTitle: string; state: RunState };
  project: ProjectAbove | null;
  attempt: number;
  /** All attempts, when there is more than one. */
  attempts: { number: number; isThis: boolean }[];
  /** For addresses: the attempt where it is not the last one. */
  attemptInAddress: number | null;
  isStarted: boolean;
  /** Whether more may come. */
  grows: boolean;
  facts: LogFacts;
  rows: LogRowView[];
  from: number;
  to: number;
  resume: number;
  /** Number of the first row; null while lines are not counted. */
  first: number | null;
  hasOlder: boolean;
  hasNewer: boolean;
  /** Whether the end is shown because nothing else was asked for. */
  isAtEnd: boolean;
  /** The line that was asked for and that there is none of; null otherwise. */
  missingLine: number | null;
  /** What stands in the field of the line. */
  line: number | null;
  search: SearchView | null;
  sought: string;
  isExpression: boolean;
  /** Whether there is anywhere to go. */
  hasPlaces: boolean;
  /** Whether numbers of lines need much room. */
  isLong: boolean;
  /** Sentences for the script. */
  words: Record<string, string>;
}

/** The project to which the run belongs. */
export interface ProjectAbove {
  name: string;
  /** Its page, below the base path; null for those who may not open it. */
  href: string | null;
}

/** What the address asks for. */
export interface Asked {
  place: Place;
  /** The one row at the place in all its width. */
  isWhole: boolean;
  sought: Sought | null;
  /** Byte from which the search goes. */
  from: number;
}

interface SearchView {
  isErrors: boolean;
  hits: { at: number; n: number | null; row: LogRowView | undefined }[];
  /** Byte from which the search goes on; null when it has come to the end. */
  next: number | null;
}

/** Rows of one page without scripts; with scripts the first ones that are seen. */
const PAGE_ROWS = 500;
/** Rows before the one that was asked for. */
const ROWS_ABOVE = 12;
const MOST_HITS = 50;

/** The page of a log: any part of it, and what a search finds. */
@Injectable()
export class LogPage {
  constructor(private readonly log: RunLog) {}

  async show(run: Run, project: ProjectAbove | null, key: LogKey, asked: Asked): Promise<LogPageView> {
    const facts = await this.log.facts(key);
    const found = await this.find(key, asked.place, asked.isWhole);
    const { block } = found;
    const isLast = key.attempt === run.attempt;
    return {
      title: text('log.title', { number: run.id, pipeline: titleInReadersWords(run) }),
      pageClass: 'page-log',
      run: { id: run.id, pipelineTitle: titleInReadersWords(run), state: run.state },
      project,
      attempt: key.attempt,
      attempts: attemptsOf(run, key),
      attemptInAddress: isLast ? null : key.attempt,
      isStarted: run.attempt > 0,
      grows: isLast && isHeld(run.state),
      facts: { ...facts, size: block.size },
      rows: rowViews(block, found.here),
      from: block.from,
      to: block.to,
      resume: block.resume,
      first: block.first,
      hasOlder: block.from > 0,
      hasNewer: block.to < block.size,
      isAtEnd: asked.place.kind === 'end' || found.missingLine !== null,
      missingLine: found.missingLine,
      line: asked.place.kind === 'line' ? asked.place.line : null,
      search: asked.sought && (await this.searchView(key, asked.sought, asked.from)),
      sought: asked.sought && asked.sought.kind !== 'errors' ? asked.sought.words : '',
      isExpression: asked.sought?.kind === 'expression',
      hasPlaces: block.from > 0 || block.to < block.size || (isLast && isHeld(run.state)),
      isLong: isLong(facts),
      words: scriptWords(),
    };
  }

  private async find(
    key: LogKey,
    place: Place,
    isWhole: boolean,
  ): Promise<{ block: NumberedBlock; here?: number; missingLine: number | null }> {
    if (isWhole) return { block: (await this.log.rows(key, place, WHOLE_ROW))!, missingLine: null };
    if (place.kind === 'end' || place.kind === 'before') {
      return { block: (await this.log.rows(key, place, { most: PAGE_ROWS }))!, missingLine: null };
    }
    const below = await this.log.rows(key, place, { most: PAGE_ROWS - ROWS_ABOVE });
    if (!below) return { ...(await this.find(key, { kind: 'end' }, false)), missingLine: place.kind === 'line' ? place.line : null };
    const above = await this.log.rows(key, { kind: 'before', byte: below.from }, { most: ROWS_ABOVE });
    return { block: joined(above!, below), here: place.kind === 'at' ? place.byte : below.from, missingLine: null };
  }

  private async searchView(key: LogKey, sought: Sought, from: number): Promise<SearchView> {
    const { hits, scanned, isDone } = await this.log.search(key, { sought, from, backwards: false, most: MOST_HITS });
    const rows = await Promise.all(
      hits.map(async ({ at, line }) => {
        const block = await this.log.rows(key, { kind: 'at', byte: at }, { most: 1 });
        return { at, n: line, row: block ? rowViews(block)[0] : undefined };
      }),
    );
    return { isErrors: sought.kind === 'errors', hits: rows, next: isDone ? null : scanned };
  }
}

function joined(above: NumberedBlock, below: NumberedBlock): NumberedBlock {
  if (above.rows.length === 0) return below;
  return { ...below, rows: [...above.rows, ...below.rows], from: above.from, first: above.first };
}

function attemptsOf({ attempt }: Run, key: LogKey): LogPageView['attempts'] {
  if (attempt < 2) return [];
  return Array.from({ length: attempt }, (_, index) => ({ number: index + 1, isThis: index + 1 === key.attempt }));
}
