import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection';
import type { Console } from './console';
import { EXIT, misuse } from './failures';

export interface RunJson {
  id: number;
  state: string;
  isFinal: boolean;
  sentence: string;
  pipeline: { id: string | null; title: string };
  project: { id: string; name: string } | null;
  requester: string;
  requestedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  exitCode: number | null;
}

const LOOK_EVERY_MS = 1000;
const LOG_EVERY_MS = 1000;

/** @param word `12` or `#12`. @throws ClientError. */
export function runNumber(word: string | undefined): number {
  const number = /^#?([1-9]\d{0,8})$/.exec(word ?? '')?.[1];
  if (number === undefined) throw misuse(`${word === undefined ? 'A run is missing' : `${word} is no run`}: write its number, such as 12.`);
  return Number(number);
}

/** Shows the log of a run as it grows, until the run is over. @returns the run as it ended. */
export async function follow(connection: Connection, id: number, console: Console): Promise<RunJson> {
  let offset = 0;
  let said = '';
  for (;;) {
    const run = await connection.get<RunJson>(`/runs/${id}`);
    if (run.sentence !== said) console.say(`#${id} ${run.state}: ${run.sentence}`);
    said = run.sentence;
    const isEnd = await showLog(connection, id, offset, (bytes, next) => {
      console.log(bytes);
      offset = next;
    });
    if (run.isFinal && isEnd) return run;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Shows what a log has from an offset on. @returns whether nothing more will come. */
export async function showLog(
  connection: Connection,
  id: number,
  from: number,
  show: (bytes: string, next: number) => void,
): Promise<boolean> {
  for (let offset = from; ;) {
    const { headers, text } = await connection.patiently(() => connection.ask('GET', `/runs/${id}/log?offset=${offset}`));
    const next = Number(headers['log-offset']);
    if (text !== '') show(text, next);
    if (headers['log-end'] === 'true') return true;
    if (next === offset) return false;
    offset = next;
  }
}

export function pauseBetweenLogs(): Promise<void> {
  return sleep(LOG_EVERY_MS);
}

/** What a script hears of a run that it waited for. */
export function statusOf({ state }: Pick<RunJson, 'state'>): number {
  if (state === 'succeeded') return EXIT.ok;
  return state === 'cancelled' ? EXIT.runCancelled : EXIT.runFailed;
}
