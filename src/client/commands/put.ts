import { formatBytes } from '../../browser/amounts';
import { optionOf, type Typed } from '../command-line';
import { connect, type Command, type Workbench } from '../command';
import type { Connection } from '../connection';
import { EXIT, misuse } from '../failures';
import { readTree } from '../local-files';
import { findProject } from '../projects';
import { aloneAmong, severalAtOnce } from '../several';
import { Tally } from '../tally';
import { upload, type OnConflict, type Unfinished, type UploadOrder, type UploadOutcome } from '../upload';

const CONFLICTS: Record<string, OnConflict> = { '--skip': 'skip', '--replace': 'replace', '--keep-both': 'keepBoth' };

/** `put <project> <file or folder>…` */
export const PUT: Command = {
  options: { '--to': true, '--skip': false, '--replace': false, '--keep-both': false },
  run: async (typed, bench) => {
    const [named, ...paths] = typed.words;
    if (named === undefined || paths.length === 0) throw misuse('put needs a project, and files or folders of this machine.');
    const onConflict = conflictIn(typed);
    const tree = readTree(paths);
    for (const path of tree.leftOut) bench.console.say(`${path} is neither a file nor a folder: it is left out.`);
    const connection = connect(bench);
    const project = await findProject(connection, named);
    const folder = (optionOf(typed, '--to') ?? '').replace(/^\/+|\/+$/g, '');
    for (const path of [folder, ...tree.emptyFolders.map((one) => (folder === '' ? one : `${folder}/${one}`))])
      if (path !== '') await connection.post(`/projects/${project.id}/folders`, { path });
    const order = await orderOf(connection, project.id, { folder, onConflict }, bench);
    const tally = new Tally(tree.files, (name, done, whole) => bench.console.progress(name, done, whole));
    const outcomes = await severalAtOnce(tree.files, {
      isAlone: aloneAmong(tree.files, ({ target }) => target),
      work: async (file) => {
        const outcome = await upload(connection, file, { ...order, progress: (_name, done) => tally.moved(file, done) });
        tally.moved(file, file.size);
        return outcome;
      },
      show: (outcome) => {
        bench.console.clear();
        if (!bench.console.isJson) bench.console.result(null, lineOf(outcome));
      },
    });
    if (bench.console.isJson) bench.console.result({ project: project.id, files: outcomes, emptyFolders: tree.emptyFolders }, '');
    return EXIT.ok;
  },
};

function conflictIn({ options }: Typed): OnConflict {
  const given = Object.keys(CONFLICTS).filter((name) => options.has(name));
  if (given.length > 1) throw misuse(`Say one of ${given.join(' and ')}.`);
  return given[0] === undefined ? 'ask' : CONFLICTS[given[0]];
}

async function orderOf(
  connection: Connection,
  projectId: string,
  wish: Pick<UploadOrder, 'folder' | 'onConflict'>,
  { console }: Workbench,
): Promise<Omit<UploadOrder, 'progress'>> {
  const { items } = await connection.get<{ items: Unfinished[] }>(`/projects/${projectId}/uploads`);
  return {
    ...wish,
    projectId,
    unfinished: items,
    broke: (name, at) => console.say(`${name}: the connection broke at ${formatBytes(at)}; it goes on.`),
  };
}

function lineOf({ path, size, outcome, resumedFrom }: UploadOutcome): string {
  const amount = formatBytes(size);
  if (outcome === 'present') return `${path}  ${amount}  was there already`;
  if (outcome === 'skipped') return `${path}  skipped, since the name is taken`;
  const words = { stored: '', renamed: '  under another name', replaced: '  in place of the old one' }[outcome];
  return `${path}  ${amount}${words}${resumedFrom > 0 ? `  (gone on with at ${formatBytes(resumedFrom)})` : ''}`;
}
