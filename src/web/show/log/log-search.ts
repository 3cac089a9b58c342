import { Injectable } from '@nestjs/common';
import { InvalidInputError } from '../../../common/errors';
import { ERROR, ERROR_WORDS, NO_ERROR } from './line-tone';
import type { LogFile } from './log-file';
import { LineNumbers } from './line-numbers';
import { LogScans } from './log-scans';
import { CONTROLS, SEQUENCES } from './terminal-line';

/** What is looked for: words, a regular expression, or lines that look like errors. */
export type Sought = { kind: 'words'; words: string } | { kind: 'expression'; words: string } | { kind: 'errors' };

export interface SearchWish {
  sought: Sought;
  /** Byte from which the search goes, forwards or backwards. */
  from: number;
  backwards: boolean;
  /** Hits. */
  most: number;
}

export interface LogHit {
  /** A byte of the row. */
  at: number;
  /** Number of its line; null while lines are not counted. */
  line: number | null;
}

/** What one look has found: it ends after the wanted number of hits, at the end of the log, or when its time is over. */
export interface SearchResult {
  /** In the order in which they were met. */
  hits: LogHit[];
  /** Byte from which the next look goes on. */
  scanned: number;
  /** Whether there is nothing beyond. */
  isDone: boolean;
}

const MOST_WORDS = 200;
/** What one request may take; who wants more asks again. */
const BUDGET_MS = 1500;
/** One expression on one piece that takes longer never ends. */
const LIMIT_MS = 6000;

/** Looks for lines in a log, by what they show rather than by their control sequences, in capital and small letters. */
@Injectable()
export class LogSearch {
  constructor(
    private readonly scans: LogScans,
    private readonly numbers: LineNumbers,
  ) {}

  /** @throws InvalidInputError for an expression that is none, or that takes too long. */
  async find(file: LogFile, { sought, from, backwards, most }: SearchWish, signal?: AbortSignal): Promise<SearchResult> {
    const pattern = patternOf(sought);
    const [low, high] = backwards ? [0, Math.min(from, file.size)] : [Math.min(from, file.size), file.size];
    if (low >= high || file.descriptor === null) return { hits: [], scanned: backwards ? low : high, isDone: true };
    const heard: Buffer[] = [];
    await this.scans.run({
      descriptor: file.descriptor,
      task: { kind: 'find', from: low, to: high, backwards, most, budgetMs: BUDGET_MS, ...pattern, hidden: HIDDEN },
      limitMs: LIMIT_MS,
      signal,
      hear: (chunk) => heard.push(chunk),
    });
    if (signal?.aborted) return { hits: [], scanned: from, isDone: false };
    const found = JSON.parse(Buffer.concat(heard).toString()) as Found;
    return { ...found, hits: await this.numbered(file, found.hits, low) };
  }

  private async numbered(file: LogFile, hits: Found['hits'], from: number): Promise<LogHit[]> {
    const first = hits.some((hit) => hit.nth !== null) ? await this.numbers.at(file, from) : null;
    return Promise.all(
      hits.map(async ({ at, nth }) => ({
        at,
        line: nth === null ? await this.numbers.at(file, at) : first === null ? null : first + nth,
      })),
    );
  }
}

interface Found {
  hits: { at: number; nth: number | null }[];
  scanned: number;
  isDone: boolean;
}

interface ScanPattern {
  find: [string, string];
  except: [string, string] | null;
  words: readonly string[] | null;
}

const HIDDEN = [SEQUENCES, CONTROLS].map(({ source, flags }) => [source, flags]);
const ASCII = /^[\u0020-\u007E]*$/;

function patternOf(sought: Sought): ScanPattern {
  if (sought.kind === 'errors') return { find: [ERROR.source, 'gi'], except: [NO_ERROR.source, 'i'], words: ERROR_WORDS };
  const { words } = sought;
  if (words === '' || words.length > MOST_WORDS) throw new InvalidInputError('log.searchWords', { most: MOST_WORDS });
  if (sought.kind === 'expression') return { find: [checked(words), 'giu'], except: null, words: null };
  const isPlain = ASCII.test(words);
  return { find: [escaped(words), isPlain ? 'gi' : 'giu'], except: null, words: isPlain ? [words.toLowerCase()] : null };
}

function checked(expression: string): string {
  try {
    return new RegExp(expression, 'giu').source;
  } catch {
    throw new InvalidInputError('log.searchExpression');
  }
}

function escaped(words: string): string {
  return words.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
