import { posix } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError, NotFoundError } from '../../common/errors';
import { formatEntryPath } from '../../common/files/entry-name';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';
import type { Manifest } from '../../common/pipelines/manifest';
import { compileGlob } from '../../common/pipelines/output-glob';
import { isJudged } from '../../common/pipelines/outcome/expected';
import type { OutcomeRecord } from '../../common/pipelines/outcome/outcome-record';
import { endsWithSentence } from '../../locales/languages';
import { newFiles, readExpected, type ExpectedRecord } from './expected-record';
import { judgeOutcome, type FileEvidence, type LogState } from './judge-outcome';
import { LogEvidence } from './log-evidence';
import { LogLines } from './log-lines';

const LOG = Buffer.from('log');
const PIECE_BYTES = 64 * 1024;
/** The note that a log was cut stands at its end. */
const NOTE_BYTES = 1024;
const MOST_END_BYTES = 4096;

/**
 * Finds out what became of the steps and rows of a run that is over, by its log and its files. Reads the log as a stream, a piece at a
 * time, with the work of others between.
 * @param control folder of the attempt; `results` the folder for results.
 * @returns null where the pipeline does not tell parts apart, or nobody wrote down what they are.
 */
export async function judgeRun(manifest: Manifest, control: SafeDirectory, results: SafeDirectory): Promise<OutcomeRecord | null> {
  const expected = isJudged(manifest) ? await readExpected(control) : null;
  if (!expected) return null;
  const ticked = (manifest.steps ?? []).filter(({ id }) => expected.steps.includes(id));
  const evidence = new LogEvidence(ticked, manifest.outcome, expected.rows);
  const logState = await readLog(control, evidence);
  return judgeOutcome(manifest, expected, evidence, await lookAtFiles(manifest, expected, results), logState);
}

async function readLog(control: SafeDirectory, evidence: LogEvidence): Promise<LogState> {
  const file = await control.openFile([LOG]).catch(ignoreMissing);
  if (!file) return 'whole';
  try {
    await takeAll(file, evidence);
    if (evidence.gaveUp) return 'unreadLog';
    return (await isCut(file)) ? 'cutLog' : 'whole';
  } finally {
    await file.handle.close();
  }
}

async function takeAll({ handle, size }: OpenFile, evidence: LogEvidence): Promise<void> {
  const lines = new LogLines();
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; at < size && !evidence.gaveUp;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(PIECE_BYTES, size - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    await evidence.take(lines.take(buffer.subarray(0, bytesRead)));
    await nextTurn();
  }
  await evidence.take(lines.end());
}

async function isCut({ handle, size }: OpenFile): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(NOTE_BYTES), 0, NOTE_BYTES, Math.max(0, size - NOTE_BYTES));
  return endsWithSentence(buffer.toString('utf8', 0, bytesRead).trimEnd(), 'runner.logCut');
}

/** A folder that the program made unreadable counts as empty: nobody could fetch anything from it. */
async function lookAtFiles({ steps = [], outcome }: Manifest, expected: ExpectedRecord, results: SafeDirectory): Promise<FileEvidence> {
  const globs = new Map(steps.flatMap(({ requiredOutputs = [] }) => requiredOutputs).map((glob) => [glob, compileGlob(glob)]));
  const paths = new Map(expected.rows.flatMap(({ outputs = [] }) => outputs).map((path) => [posix.normalize(path), path]));
  const isNew = newFiles(expected.before);
  const found = new Set<string>();
  if (globs.size + paths.size > 0) {
    await results
      .eachFile([], (file) => {
        if (!isNew(file)) return true;
        const name = formatEntryPath(file.path);
        const path = paths.get(name);
        if (path !== undefined && paths.delete(name)) found.add(path);
        for (const [glob, matches] of globs) if (matches(name) && globs.delete(glob)) found.add(glob);
        return globs.size + paths.size > 0;
      })
      .catch(ignoreTroubles);
  }
  return { found, ended: outcome.ended ? await tellsEnd(outcome.ended.file, expected.ended, results) : null };
}

/** @param holds what the file must hold; undefined: anything. */
async function tellsEnd(file: string, holds: string | undefined, results: SafeDirectory): Promise<boolean> {
  const path = posix
    .normalize(file)
    .split('/')
    .map((name) => Buffer.from(name));
  const opened = await results.openFile(path).catch(ignoreTroubles);
  if (!opened) return false;
  try {
    const { buffer, bytesRead } = await opened.handle.read(Buffer.alloc(MOST_END_BYTES), 0, MOST_END_BYTES, 0);
    return holds === undefined || buffer.toString('utf8', 0, bytesRead).trim() === holds.trim();
  } finally {
    await opened.handle.close();
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
  return undefined;
}

function ignoreTroubles(error: unknown): undefined {
  if (!(error instanceof DomainError)) throw error;
  return undefined;
}
