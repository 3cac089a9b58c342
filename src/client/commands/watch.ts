import { optionOf } from '../command-line';
import { connect, type Command } from '../command';
import { moment, table } from '../console';
import { EXIT, misuse } from '../failures';
import { follow, pauseBetweenLogs, runNumber, showLog, statusOf, type RunJson } from '../runs';

const HEAD = ['RUN', 'STATE', 'PIPELINE', 'PROJECT', 'ASKED FOR', ''];

/** `status`: one's own latest runs; `status <run>`: one of them. */
export const STATUS: Command = {
  options: { '--state': true, '--limit': true, '--wait': false },
  run: async (typed, bench) => {
    const connection = connect(bench);
    const [word, ...more] = typed.words;
    if (more.length > 0) throw misuse('status takes one run, or none.');
    if (word !== undefined) {
      const id = runNumber(word);
      const run = typed.options.has('--wait') ? await follow(connection, id, bench.console) : await connection.get<RunJson>(`/runs/${id}`);
      bench.console.result(run, `#${run.id} ${run.pipeline.title}: ${run.state}. ${run.sentence}`);
      return run.isFinal ? statusOf(run) : EXIT.ok;
    }
    const state = optionOf(typed, '--state');
    const limit = Number(optionOf(typed, '--limit') ?? 20);
    const query = `limit=${Math.min(200, limit)}${state === undefined ? '' : `&state=${encodeURIComponent(state)}`}`;
    const runs = await connection.all<RunJson>(`/runs?${query}`, limit);
    bench.console.result(runs, runs.length === 0 ? 'You have no such runs.' : table(HEAD, runs.map(rowOf)));
    return EXIT.ok;
  },
};

/** `log <run>` */
export const LOG: Command = {
  options: { '--follow': false },
  run: async ({ words, options }, bench) => {
    const connection = connect(bench);
    const id = runNumber(words[0]);
    let offset = 0;
    const show = (bytes: string, next: number) => {
      process.stdout.write(bytes);
      offset = next;
    };
    while (!(await showLog(connection, id, offset, show)) && options.has('--follow')) await pauseBetweenLogs();
    return EXIT.ok;
  },
};

/** `cancel <run>…` */
export const CANCEL: Command = {
  options: {},
  run: async ({ words }, bench) => {
    if (words.length === 0) throw misuse('cancel needs the number of a run.');
    const connection = connect(bench);
    const runs: RunJson[] = [];
    for (const id of words.map(runNumber)) {
      await connection.post(`/runs/${id}/cancel`, {});
      runs.push(await connection.get<RunJson>(`/runs/${id}`));
    }
    bench.console.result(runs, runs.map(({ id, state, sentence }) => `#${id} ${state}: ${sentence}`).join('\n'));
    return EXIT.ok;
  },
};

/** `queue`: what runs and what waits, of everybody. */
export const QUEUE: Command = {
  options: {},
  run: async ({ words }, bench) => {
    if (words.length > 0) throw misuse('queue takes no words.');
    const queue = await connect(bench).get<{ running: RunJson[]; waiting: RunJson[]; moreWaiting: number }>('/queue');
    const all = [...queue.running, ...queue.waiting];
    const more = queue.moreWaiting > 0 ? `\nand ${queue.moreWaiting} more that wait` : '';
    bench.console.result(queue, all.length === 0 ? 'Nothing runs, and nothing waits.' : `${table(HEAD, all.map(rowOf))}${more}`);
    return EXIT.ok;
  },
};

/** `pipelines`, `pipelines <pipeline>` */
export const PIPELINES: Command = {
  options: {},
  run: async ({ words }, bench) => {
    const connection = connect(bench);
    const [id] = words;
    if (id === undefined) {
      const list = await connection.all<{ id: string; title: string; summary: string; isOn: boolean }>('/pipelines?limit=200');
      const rows = list.map((one) => [one.id, one.title, one.isOn ? one.summary : 'is off']);
      bench.console.result(list, rows.length === 0 ? 'There are no pipelines.' : table(['PIPELINE', 'TITLE', ''], rows));
      return EXIT.ok;
    }
    const pipeline = await connection.get<PipelineJson>(`/pipelines/${encodeURIComponent(id)}`);
    const needed = new Set(pipeline.form.required);
    const rows = Object.entries(pipeline.form.properties ?? {}).map(([name, field]) => {
      return [name, field['x-type'] ?? field.type ?? '', needed.has(name) ? 'needed' : fallback(field.default), field.title ?? ''];
    });
    bench.console.result(
      pipeline,
      `${pipeline.title}${pipeline.summary === '' ? '' : `: ${pipeline.summary}`}\n\n${table(['NAME', 'TYPE', 'DEFAULT', ''], rows)}`,
    );
    return EXIT.ok;
  },
};

interface PipelineJson {
  title: string;
  summary: string;
  form: {
    required?: string[];
    properties?: Record<string, { type?: string; title?: string; default?: unknown; 'x-type'?: string }>;
  };
}

function fallback(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rowOf({ id, state, pipeline, project, requester, requestedAt, sentence }: RunJson): string[] {
  return [`#${id}`, state, pipeline.title, project?.name ?? `of ${requester}`, moment(requestedAt), sentence];
}
