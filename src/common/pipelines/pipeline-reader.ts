import { constants } from 'node:fs';
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { text } from '../../locales/text';
import { seemsRestricted } from './access';
import { compileScript, SCRIPT_HEAD_BYTES } from './annotated-script';
import type { InstallationVariables } from './installation-variables';
import type { BrokenPipeline, Manifest, Pipeline } from './manifest';
import { isPipelineId } from './names';
import { readWords, wordsFiles } from './pipeline-words';
import { compileYaml, MOST_MANIFEST_BYTES } from './pipeline-yaml';

/** What became of one entry of PIPELINES_DIR; null for what is no pipeline at all. */
export type Reading = { pipeline: Pipeline } | { broken: BrokenPipeline } | null;

interface Faulty {
  file: string;
  faults: string[];
  isRestricted?: boolean;
}

/** A file as its signature sees it: whoever changes it changes one of these. */
interface Seen {
  name: string;
  isFile: boolean;
  isFolder: boolean;
  executable: boolean;
  mark: string;
}

const MANIFEST_NAMES = ['pipeline.yaml', 'pipeline.yml'];
/** More than this in one folder is data, not scripts. */
const MOST_ENTRIES = 500;
/** Each run keeps the manifest in a row whose column holds 64 KB. */
const MOST_COMPILED_BYTES = 65_000;
/** Notes beside scripts are no pipelines. */
const NOTES = /^(readme|license|licence|changelog)(\.|$)|\.(md|txt|yaml|yml|json|csv|tsv)$|~$/i;

/**
 * Reads one entry of PIPELINES_DIR: a folder with `pipeline.yaml` or one annotated script, or a bare annotated script. Whatever lies
 * there, FIFOs, loops of links or binaries, it answers and never throws.
 */
export class PipelineReader {
  constructor(
    private readonly root: string,
    private readonly prefix: string,
    private readonly variables: InstallationVariables = {},
  ) {}

  /** Changes whenever the entry may read differently; null where it is no candidate. */
  async signature(name: string): Promise<string | null> {
    if (name.startsWith('.') || name.startsWith('_')) return null;
    const seen = await look(this.root, name);
    if ('code' in seen) return `!${seen.code}`;
    if (!seen.isFolder) return NOTES.test(name) ? null : [seen.mark, ...(await this.marksOfWords(this.root, idOf(name, seen)))].join('\n');
    const folder = join(this.root, name);
    const manifest = await manifestOf(folder);
    // The manifest is part of the folder's list too; what `./` commands need is checked against the same list.
    const inside = await listFolder(folder);
    const words = await this.marksOfWords(folder, null);
    return [seen.mark, manifest?.mark ?? '', ...('code' in inside ? [inside.code] : inside.map(({ mark }) => mark)), ...words].join('\n');
  }

  async read(name: string): Promise<Reading> {
    const seen = await look(this.root, name);
    const broken = (file: string, ...faults: string[]): { broken: BrokenPipeline } => ({ broken: { id: idOf(name, seen), file, faults } });
    try {
      if ('code' in seen) return broken(name, text('pipelines.folderUnreadable', { code: seen.code }));
      const result = seen.isFolder ? await this.readFolder(name) : await this.readBare(seen);
      if (result === null) return null;
      if ('faults' in result) return { broken: { ...broken('').broken, ...result } };
      const { access = 'everyone' } = result.manifest;
      const restricted = access === 'everyone' ? {} : { isRestricted: true };
      if (Buffer.byteLength(JSON.stringify(result.manifest)) > MOST_COMPILED_BYTES)
        return { broken: { ...broken(name, text('pipelines.compiledTooBig')).broken, ...restricted } };
      if (!isPipelineId(idOf(name, seen))) return { broken: { ...broken(name, text('pipelines.badId', { name })).broken, ...restricted } };
      const folder = seen.isFolder ? join(this.root, name) : this.root;
      return { pipeline: { manifest: result.manifest, folder, ...(await this.wordsOf(folder, seen.isFolder ? null : idOf(name, seen))) } };
    } catch (error) {
      return broken(name, text('pipelines.folderUnreadable', { code: codeOf(error) }));
    }
  }

  private async marksOfWords(folder: string, script: string | null): Promise<string[]> {
    const seen = await Promise.all((await wordsFiles(folder, script)).map(({ path }) => look(folder, path)));
    return seen.map((one) => ('code' in one ? one.code : one.mark));
  }

  /** A translation that cannot be read takes nothing from the pipeline. */
  private async wordsOf(folder: string, script: string | null): Promise<Pick<Pipeline, 'words' | 'wordFaults'>> {
    const words = new Map<string, ReadonlyMap<string, string>>();
    const wordFaults: string[] = [];
    for (const { tag, path } of await wordsFiles(folder, script)) {
      const source = await readHead(join(folder, path), MOST_MANIFEST_BYTES + 1).catch(codeOf);
      const isLarge = typeof source !== 'string' && source.length > MOST_MANIFEST_BYTES;
      const read =
        typeof source === 'string'
          ? [text('pipelines.folderUnreadable', { code: source })]
          : isLarge
            ? [text('pipelines.manifestTooBig', { most: '256 KiB' })]
            : readWords(source.toString('utf8').replace(/^\u{feff}/u, ''));
      if (read instanceof Map) words.set(tag, read as ReadonlyMap<string, string>);
      else wordFaults.push(...(read as string[]).map((fault) => `${path}: ${fault}`));
    }
    const isNone = words.size === 0;
    return { ...(isNone ? {} : { words }), ...(wordFaults.length > 0 ? { wordFaults } : {}) };
  }

  private async readBare(seen: Seen): Promise<{ manifest: Manifest } | Faulty | null> {
    if (!seen.isFile) return null;
    const compiled = await this.compile(this.root, seen, idOf(seen.name, seen));
    if (compiled === null) {
      return seen.executable ? { file: seen.name, faults: [text('pipelines.noAnnotation', { prefix: this.prefix })] } : null;
    }
    return 'faults' in compiled ? { file: seen.name, ...compiled } : { manifest: compiled };
  }

  private async readFolder(name: string): Promise<{ manifest: Manifest } | Faulty> {
    const folder = join(this.root, name);
    const manifest = await manifestOf(folder);
    if (manifest) return this.readManifest(folder, name, manifest.name);
    const inside = await listFolder(folder);
    if ('code' in inside) return { file: name, faults: [text('pipelines.folderUnreadable', { code: inside.code })] };
    const scripts: { seen: Seen; compiled: Manifest | Omit<Faulty, 'file'> }[] = [];
    for (const seen of inside.filter((one) => one.isFile && !NOTES.test(one.name) && !one.name.startsWith('.'))) {
      const compiled = await this.compile(folder, seen, name);
      if (compiled !== null) scripts.push({ seen, compiled });
    }
    const [first] = scripts;
    if (!first) return { file: name, faults: [text('pipelines.noScript', { prefix: this.prefix })] };
    if (scripts.length > 1) {
      return { file: name, faults: [text('pipelines.manyScripts', { names: scripts.map(({ seen }) => seen.name).join(', ') })] };
    }
    const { seen, compiled } = first;
    return 'faults' in compiled ? { file: `${name}/${seen.name}`, ...compiled } : { manifest: compiled };
  }

  private async readManifest(folder: string, id: string, file: string): Promise<{ manifest: Manifest } | Faulty> {
    const where = `${id}/${file}`;
    const source = await readHead(join(folder, file), MOST_MANIFEST_BYTES + 1).catch(codeOf);
    if (typeof source === 'string') return { file: where, faults: [text('pipelines.folderUnreadable', { code: source })] };
    if (source.length > MOST_MANIFEST_BYTES) return { file: where, faults: [text('pipelines.manifestTooBig', { most: '256 KiB' })] };
    const written = source.toString('utf8').replace(/^\u{feff}/u, '');
    const restricted = seemsRestricted(written) ? { isRestricted: true } : {};
    const compiled = compileYaml(id, written, this.variables);
    if (Array.isArray(compiled)) return { file: where, faults: compiled, ...restricted };
    const faults: string[] = [];
    for (const word of compiled.runtime.command.filter((part) => part.startsWith('./'))) {
      const fault = await commandFault(folder, word, word === compiled.runtime.command[0]);
      if (fault) faults.push(fault);
    }
    for (const list of listsOf(compiled)) {
      // It is opened without following links.
      const isFile = await lstat(join(folder, list)).then(
        (stats) => stats.isFile(),
        () => false,
      );
      if (!isFile) faults.push(text('pipelines.listMissing', { file: list }));
    }
    return faults.length > 0 ? { file: where, faults, ...restricted } : { manifest: compiled };
  }

  /** Null for a file without annotations. */
  private async compile(folder: string, seen: Seen, id: string): Promise<Manifest | Omit<Faulty, 'file'> | null> {
    const bytes = await readHead(join(folder, seen.name), SCRIPT_HEAD_BYTES);
    const head = bytes.toString('utf8').replace(/^\u{feff}/u, '');
    const restricted = seemsRestricted(head) ? { isRestricted: true } : {};
    const compiled = compileScript({ id, command: [`./${seen.name}`], head, prefix: this.prefix });
    if (compiled === null) return null;
    if (Array.isArray(compiled)) return { faults: compiled, ...restricted };
    if (!seen.executable) return { faults: [text('pipelines.notExecutable', { file: seen.name })], ...restricted };
    return head.startsWith('#!') ? compiled : { faults: [text('pipelines.noInterpreter')], ...restricted };
  }
}

/** Files with names to pick from. */
function listsOf({ sources = {} }: Manifest): string[] {
  return Object.values(sources).flatMap((source) => (source.kind === 'list' && source.whenMissing === undefined ? [source.list] : []));
}

/** A bare script is named without its extension. */
function idOf(name: string, seen: Seen | { code: string }): string {
  return 'code' in seen || seen.isFolder ? name : name.replace(/(.)\.[A-Za-z0-9]{1,5}$/, '$1');
}

async function look(folder: string, name: string): Promise<Seen | { code: string }> {
  try {
    const stats = await stat(join(folder, name), { bigint: true });
    const mark = [name, stats.dev, stats.ino, stats.size, stats.mode, stats.mtimeNs, stats.ctimeNs].join(' ');
    return { name, isFile: stats.isFile(), isFolder: stats.isDirectory(), executable: (stats.mode & 0o111n) !== 0n, mark };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

async function manifestOf(folder: string): Promise<Seen | undefined> {
  for (const name of MANIFEST_NAMES) {
    const seen = await look(folder, name);
    if (!('code' in seen) || seen.code !== 'ENOENT') return 'code' in seen ? { ...NOTHING, name, mark: seen.code } : seen;
  }
  return undefined;
}

const NOTHING: Seen = { name: '', isFile: false, isFolder: false, executable: false, mark: '' };

async function listFolder(folder: string): Promise<Seen[] | { code: string }> {
  try {
    const names = (await readdir(folder)).sort().slice(0, MOST_ENTRIES);
    const seen = await Promise.all(names.map((name) => look(folder, name)));
    return seen.filter((one): one is Seen => !('code' in one));
  } catch (error) {
    return { code: codeOf(error) };
  }
}

async function commandFault(folder: string, word: string, starts: boolean): Promise<string | undefined> {
  const inside = posix.normalize(word);
  if (inside.startsWith('..') || posix.isAbsolute(inside)) return text('pipelines.commandOutside', { file: word });
  const seen = await look(folder, inside);
  if ('code' in seen || !seen.isFile) return text('pipelines.commandMissing', { file: word });
  return starts && !seen.executable ? text('pipelines.commandNotExecutable', { file: word }) : undefined;
}

/** The first bytes of a regular file. O_NONBLOCK: opening a FIFO without a writer would wait for ever. */
async function readHead(path: string, most: number): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error(), { code: 'not a regular file' });
    const buffer = Buffer.alloc(most);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, most - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === most) return buffer.subarray(0, length);
    }
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
}
