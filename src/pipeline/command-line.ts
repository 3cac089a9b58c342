import { misuse } from './exit';
import { IMPORT_KINDS, type ImportKind } from './imports/import-kind';

/** What was typed, understood. */
export type Command =
  | { kind: 'new'; name: string }
  | { kind: 'check'; name: string; json: boolean; keep: boolean }
  | { kind: 'import'; from: ImportKind; file: string; name: string | null }
  | { kind: 'schema' };

const OPTIONS: Record<Command['kind'], readonly string[]> = {
  new: [],
  check: ['--json', '--keep'],
  import: ['--name'],
  schema: [],
};

/** @param words as typed after `node dist/pipeline`. @throws StartupError that says what is wrong with them. */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words;
  if (name === undefined) throw misuse('Say what to do.');
  if (!Object.hasOwn(OPTIONS, name)) throw misuse(`There is no command ${name}.`);
  const kind = name as Command['kind'];
  const { plain, options } = sort(rest, OPTIONS[kind]);
  switch (kind) {
    case 'new':
      return { kind, name: only(kind, plain) };
    case 'check':
      return { kind, name: only(kind, plain), json: options.has('--json'), keep: options.has('--keep') };
    case 'import':
      return parseImport(plain, options.get('--name') ?? null);
    case 'schema':
      if (plain.length > 0) throw misuse('schema takes no words.');
      return { kind };
  }
}

function sort(words: readonly string[], known: readonly string[]): { plain: string[]; options: Map<string, string> } {
  const plain: string[] = [];
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (!word.startsWith('-')) {
      plain.push(word);
      continue;
    }
    const [option, given] = word.split(/=(.*)/s, 2);
    if (!known.includes(option)) throw misuse(`There is no option ${option}.`);
    if (option !== '--name') options.set(option, '');
    else {
      const value = given ?? words[(at += 1)];
      if (value === undefined) throw misuse('--name needs a name.');
      options.set(option, value);
    }
  }
  return { plain, options };
}

function only(kind: string, plain: readonly string[]): string {
  const [name, ...more] = plain;
  if (name === undefined || more.length > 0) throw misuse(`${kind} needs the name of one pipeline.`);
  return name;
}

function parseImport([from, file, ...more]: readonly string[], name: string | null): Command {
  if (!IMPORT_KINDS.some((kind) => kind === from)) throw misuse(`import needs one of ${IMPORT_KINDS.join(', ')}, and a file.`);
  if (file === undefined || more.length > 0) throw misuse(`import ${from} needs one file.`);
  return { kind: 'import', from: from as ImportKind, file, name };
}
