import { join } from 'node:path';
import { formatBytes } from '../../browser/amounts';
import { optionOf } from '../command-line';
import { connect, type Command, type Workbench } from '../command';
import type { Connection } from '../connection';
import { download, type Downloaded } from '../download';
import { ClientError, EXIT, misuse } from '../failures';
import { findProject } from '../projects';
import { runNumber } from '../runs';
import { aloneAmong, severalAtOnce } from '../several';
import { Tally } from '../tally';

interface EntryJson {
  path: string;
  type: 'file' | 'folder' | 'link' | 'other';
  /** Bytes. */
  size: number;
}

/** A file to take, and where it goes below the folder on this machine. */
interface Wanted {
  address: string;
  target: string;
  /** Bytes, when it was listed. */
  size: number;
}

/** What lies beside a file until all of it is there is called after it. */
const PARTS = /(\.part(-of)?)+$/i;

/** `get <project> <path>…`, `get --run <run> [<path>…]` */
export const GET: Command = {
  options: { '--to': true, '--run': true },
  run: async (typed, bench) => {
    const connection = connect(bench);
    const run = optionOf(typed, '--run');
    const wanted = run === undefined ? await ofProject(connection, typed.words) : await ofRun(connection, runNumber(run), typed.words);
    const to = optionOf(typed, '--to') ?? '.';
    const tally = new Tally(wanted, (name, done, whole) => bench.console.progress(name, done, whole));
    const taken = await severalAtOnce(wanted, {
      isAlone: aloneAmong(wanted, ({ target }) => target.replace(PARTS, '')),
      work: async (file) => {
        const { address, target } = file;
        const one = await download(connection, { address, target: join(to, target), progress: (_name, done) => tally.moved(file, done) });
        tally.moved(file, file.size);
        return one;
      },
      show: (one) => show(one, bench),
    });
    if (bench.console.isJson) bench.console.result({ files: taken }, '');
    return EXIT.ok;
  },
};

function show(taken: Downloaded, { console }: Workbench): void {
  console.clear();
  const note =
    taken.outcome === 'present'
      ? '  was there already'
      : taken.resumedFrom > 0
        ? `  (gone on with at ${formatBytes(taken.resumedFrom)})`
        : '';
  if (!console.isJson) console.result(null, `${taken.file}  ${formatBytes(taken.size)}${note}`);
}

async function ofProject(connection: Connection, words: readonly string[]): Promise<Wanted[]> {
  const [named, ...paths] = words;
  if (named === undefined || paths.length === 0) throw misuse('get needs a project and paths in it ("." for all); or --run and a number.');
  const { id } = await findProject(connection, named);
  const found: Wanted[] = [];
  for (const typed of paths) {
    const path = typed.replace(/^(\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
    const above = path.split('/').slice(0, -1).join('/');
    for await (const file of filesBelow(connection, id, path)) {
      found.push({
        address: `/projects/${id}/content/${encoded(file.path)}`,
        target: local(above === '' ? file.path : file.path.slice(above.length + 1)),
        size: file.size,
      });
    }
  }
  return found;
}

/** A path that is a file, or all files in the folder that it is. */
async function* filesBelow(connection: Connection, id: string, path: string): AsyncGenerator<EntryJson> {
  const at = path === '' ? null : await find(connection, id, path);
  if (at?.type === 'file') yield at;
  if (at && at.type !== 'folder') return;
  for (const entry of await connection.all<EntryJson>(`/projects/${id}/files?limit=200&path=${encodeURIComponent(path)}`)) {
    if (entry.type === 'file') yield entry;
    else if (entry.type === 'folder') yield* filesBelow(connection, id, entry.path);
  }
}

async function find(connection: Connection, id: string, path: string): Promise<EntryJson> {
  const names = path.split('/');
  const query = `path=${encodeURIComponent(names.slice(0, -1).join('/'))}&name=${encodeURIComponent(names.at(-1)!)}`;
  const entries = await connection.all<EntryJson>(`/projects/${id}/files?limit=200&${query}`);
  const entry = entries.find((one) => one.path === path);
  if (!entry) throw new ClientError(`There is no ${path} in this project.`, EXIT.data);
  return entry;
}

async function ofRun(connection: Connection, run: number, paths: readonly string[]): Promise<Wanted[]> {
  const results = await connection.all<Pick<EntryJson, 'path' | 'size'>>(`/runs/${run}/results?limit=200`);
  const chosen = results.filter(
    ({ path }) => paths.length === 0 || paths.some((one) => path === one || path.startsWith(`${one.replace(/\/+$/, '')}/`)),
  );
  if (chosen.length === 0) throw new ClientError(`Run ${run} has no such results.`, EXIT.data);
  return chosen.map(({ path, size }) => ({ address: `/runs/${run}/results/${encoded(path)}`, target: local(path), size }));
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The names that they have there; what no file here may be called is left in its spelling for addresses. */
function local(path: string): string {
  const names = path.split('/').map((name) => name.replaceAll('\0', ''));
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    throw new ClientError(`${path} is no path for a file here.`, EXIT.data);
  return names.join('/');
}
