import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../common/config/app-config';
import { RunFolders } from '../../../common/files/run-folders';
import { endsWithSentence } from '../../../locales/languages';
import { LineNumbers } from './line-numbers';
import { LogFile, type LogKey } from './log-file';
import { readBackward, readForward, type LogBlock } from './log-reader';
import { LONGEST_ROW } from './log-rows';
import { LogSearch, type SearchResult, type SearchWish } from './log-search';

/** Where to read. */
export type Place =
  | { kind: 'end' }
  /** The rows that end at this byte. */
  | { kind: 'before'; byte: number }
  /** The row that holds this byte, and those after it. */
  | { kind: 'at'; byte: number }
  | { kind: 'line'; line: number };

/** Rows with their numbers, and what is known of the whole log. */
export interface NumberedBlock extends LogBlock {
  /** Number of the line of the first row; null while the lines up to there are not counted. */
  first: number | null;
}

/** What is known of a whole log. */
export interface LogFacts {
  /** Bytes. */
  size: number;
  /** Lines; null while they are not counted. */
  lines: number | null;
  /** Why the rest of what the program wrote is not there; null where all of it is. */
  cut: 'limit' | 'full' | null;
}

/** One row in all its width. */
export const WHOLE_ROW = { most: 1, width: LONGEST_ROW };

const NOTE_BYTES = 1024;
/** A log is cut at a whole block. */
const LIMIT_SLACK = 4096;

/** Reads the logs of runs, each in bounded pieces, whatever its size. */
@Injectable()
export class RunLog {
  constructor(
    private readonly config: AppConfig,
    private readonly folders: RunFolders,
    private readonly numbers: LineNumbers,
    private readonly searching: LogSearch,
  ) {}

  /** @returns null when there is no such line. */
  rows(key: LogKey, place: Place, wanted: { most: number; width?: number }): Promise<NumberedBlock | null> {
    return LogFile.use(this.folders, key, async (file) => {
      const at = place.kind === 'line' ? await this.numbers.byteOf(file, place.line) : null;
      if (place.kind === 'line' && at === null) return null;
      const block = await readAt(file, place, at ?? 0, wanted);
      const top = block.rows[0]?.at ?? block.from;
      return { ...block, first: await this.numbers.at(file, top) };
    });
  }

  facts(key: LogKey): Promise<LogFacts> {
    return LogFile.use(this.folders, key, async (file) => ({
      size: file.size,
      lines: await this.numbers.total(file),
      cut: await this.cutOf(file),
    }));
  }

  search(key: LogKey, wish: SearchWish, signal?: AbortSignal): Promise<SearchResult> {
    return LogFile.use(this.folders, key, (file) => this.searching.find(file, wish, signal));
  }

  private async cutOf(file: LogFile): Promise<LogFacts['cut']> {
    const end = await file.read(Math.max(0, file.size - NOTE_BYTES), file.size);
    if (!endsWithSentence(end.toString('utf8').trimEnd(), 'runner.logCut')) return null;
    return file.size + LIMIT_SLACK >= this.config.settings.MAX_LOG ? 'limit' : 'full';
  }
}

function readAt(file: LogFile, place: Place, byteOfLine: number, wanted: { most: number; width?: number }): Promise<LogBlock> {
  switch (place.kind) {
    case 'end':
      return readBackward(file, file.size, wanted);
    case 'before':
      return readBackward(file, place.byte, wanted);
    case 'at':
      return readForward(file, place.byte, wanted);
    case 'line':
      return readForward(file, byteOfLine, wanted);
  }
}
