import { randomUUID } from 'node:crypto';
import { optionOf, type Typed } from '../command-line';
import { connect, type Command } from '../command';
import type { Connection } from '../connection';
import { plain } from '../console';
import { EXIT, misuse } from '../failures';
import { findProject } from '../projects';
import { follow, runNumber, statusOf, type RunJson } from '../runs';

type Form = { properties?: Record<string, { type?: string; 'x-type'?: string }> };
type Values = Record<string, string | string[]>;

interface DryRun {
  runCount: number;
  runs: { command: string[] }[];
}

/** Values that name a file say where it lies; without that they are files of the project. */
const PLACES = /^(project|inbox|own|after):/;
const OF_FILES = new Set(['file', 'files']);

/** `run <project> <pipeline> <name=value>…` */
export const RUN: Command = {
  options: { '--wait': false, '--dry-run': false, '--sweep': true, '--together': false, '--key': true, '--after': true },
  run: async (typed, bench) => {
    const [named, pipeline, ...words] = typed.words;
    if (named === undefined || pipeline === undefined) throw misuse('run needs a project, a pipeline, and its values as name=value.');
    const connection = connect(bench);
    const project = await findProject(connection, named);
    const { form } = await connection.get<{ form: Form }>(`/pipelines/${encodeURIComponent(pipeline)}`);
    const order = { pipeline, parameters: valuesIn(words, form), ...sweepIn(typed), ...afterIn(typed) };
    const address = `/projects/${project.id}/runs`;
    if (typed.options.has('--dry-run')) {
      const plan = await connection.post<DryRun>(`${address}?dryRun=true`, order);
      bench.console.result(plan, plan.runs.map(({ command }) => command.map(quoted).join(' ')).join('\n'));
      return EXIT.ok;
    }
    // Sent again after a lost answer it is the same order.
    const key = { 'idempotency-key': optionOf(typed, '--key') ?? randomUUID() };
    const placed = await connection.patiently(() => connection.post<{ run: RunJson } | { runs: number[] }>(address, order, key));
    const ids = 'run' in placed ? [placed.run.id] : placed.runs;
    const links = ids.map((id) => `Run #${id}: ${connection.site}/runs/${id}`).join('\n');
    if (!typed.options.has('--wait')) {
      bench.console.result(placed, links);
      return EXIT.ok;
    }
    bench.console.say(links);
    return waitFor(connection, ids, bench.console);
  },
};

async function waitFor(connection: Connection, ids: readonly number[], console: Parameters<typeof follow>[2]): Promise<number> {
  const ended: RunJson[] = [];
  for (const id of ids) ended.push(await follow(connection, id, console));
  const [only] = ended;
  if (console.isJson) console.result(ended.length === 1 ? only : ended, '');
  else console.say(ended.map(({ id, state, sentence }) => `#${id} ${state}: ${sentence}`).join('\n'));
  return Math.max(...ended.map(statusOf));
}

function valuesIn(words: readonly string[], { properties = {} }: Form): Values {
  const values: Values = {};
  for (const word of words) {
    const [name, value] = pairIn(word);
    const isList = properties[name]?.type === 'array';
    const isFile = OF_FILES.has(properties[name]?.['x-type'] ?? '');
    const meant = isFile && value !== '' && !PLACES.test(value) ? `project:${value}` : value;
    const before = values[name];
    if (before !== undefined && !isList) throw misuse(`${name} is given twice.`);
    values[name] = isList ? [...((before as string[] | undefined) ?? []), meant] : meant;
  }
  return values;
}

function sweepIn({ options }: Typed): { sweep?: object } {
  const axes = (options.get('--sweep') ?? []).map((word) => {
    const [parameter, values] = pairIn(word);
    return { parameter, values: values.split(',') };
  });
  if (axes.length === 0) return {};
  return { sweep: { mode: options.has('--together') ? 'together' : 'all', axes } };
}

function afterIn(typed: Typed): { afterRun?: number } {
  const number = optionOf(typed, '--after');
  return number === undefined ? {} : { afterRun: runNumber(number) };
}

function pairIn(word: string): [name: string, value: string] {
  const at = word.indexOf('=');
  if (at < 1) throw misuse(`${word} is no value: write name=value.`);
  return [word.slice(0, at), word.slice(at + 1)];
}

/** As a shell would read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${plain(word).replaceAll("'", `'\\''`)}'`;
}
