import type { ForeignViewer, Manifest, OutputKind } from '../../common/pipelines/manifest';
import { compileGlob } from '../../common/pipelines/output-glob';
import { LABEL_WORDS } from '../images/label-words';
import type { ResultFile } from './result-tree';

/** A result that the page shows in place, or opens on a page of its own. */
export interface ShownResult {
  file: ResultFile;
  kind: 'figures' | 'image' | 'plot' | 'page' | 'table' | 'text';
  /** From the pipeline's rule; the name of the file where no rule speaks. */
  title: string;
  /** Whether its values are numbers of objects rather than brightness, as far as names tell. */
  labels: boolean;
  /** Heading under which the pipeline wants it; null above all headings, '' for what no rule of a pipeline with headings names. */
  group: string | null;
  /** A sentence beside it; '' for none. */
  caption: string;
  /** Kind of the rule; null where none speaks. */
  ruled: OutputKind | null;
  /** A viewer elsewhere that the rule offers; null for none. */
  open: ForeignViewer | null;
}

const BY_TYPE = {
  image: 'image',
  scan: 'image',
  drawing: 'image',
  plot: 'plot',
  page: 'page',
  table: 'table',
  text: 'text',
  other: 'download',
} as const;
const UNRULED_ORDER: ShownResult['kind'][] = ['image', 'plot', 'page', 'table', 'text'];
/** As what each kind is shown; null: it is listed. */
const SHOWN_AS: Record<OutputKind, ShownResult['kind'] | null> = {
  figures: 'figures',
  image: 'image',
  label: 'image',
  overlay: 'image',
  plot: 'plot',
  table: 'table',
  text: 'text',
  json: 'text',
  html: 'page',
  site: 'page',
  download: null,
};

/** The first rule that names a file. @param shown its path for people. */
export function ruleOf(rules: Manifest['outputs'], shown: string): Manifest['outputs'][number] | undefined {
  return rules.find((rule) => compileGlob(rule.glob)(shown));
}

/** What the pipeline calls a file, on a page of its own. @param shown its path for people. @returns its name where no rule names it. */
export function titleOfFile(rules: Manifest['outputs'], shown: string): string {
  const name = shown.slice(shown.lastIndexOf('/') + 1);
  const rule = ruleOf(rules, shown);
  if (!rule || rule.title === '' || rule.title === rule.glob) return name;
  return rule.glob === shown ? rule.title : `${rule.title}: ${name}`;
}

/** What is shown and in which order: first as the rules of the pipeline say, then everything else by its type. */
export function chooseResults(all: readonly ResultFile[], rules: Manifest['outputs']): ShownResult[] {
  const files = withoutPartsOfSites(all, rules);
  const chosen: ShownResult[] = [];
  const taken = new Set<ResultFile>();
  for (const rule of rules) {
    const matches = compileGlob(rule.glob);
    const found = files.filter((file) => !taken.has(file) && matches(file.shown));
    const folder = sharedFolder(found.map((file) => file.shown));
    for (const file of found) {
      taken.add(file);
      const title =
        found.length > 1 || rule.title === '' ? titleOf(rule, file.shown.slice(found.length > 1 ? folder.length : 0)) : rule.title;
      const kind = SHOWN_AS[rule.kind];
      const place = { title, group: rule.group ?? null, caption: rule.caption ?? '', ruled: rule.kind, open: rule.open ?? null };
      if (kind) addShown(chosen, file, kind, place);
    }
  }
  const group = rules.some((rule) => rule.group !== undefined) ? '' : null;
  for (const kind of UNRULED_ORDER) {
    for (const file of files) {
      const place = { title: file.shown, group, caption: '', ruled: null, open: null };
      if (!taken.has(file) && BY_TYPE[file.type.kind] === kind) addShown(chosen, file, kind, place);
    }
  }
  return chosen;
}

/** The thousand tiles and icons of a site are not results of their own. */
function withoutPartsOfSites(files: readonly ResultFile[], rules: Manifest['outputs']): readonly ResultFile[] {
  const matches = rules.filter((rule) => rule.kind === 'site').map((rule) => compileGlob(rule.glob));
  const indexes = files.filter((file) => matches.some((match) => match(file.shown)));
  const folders = indexes.map((file) => file.shown.slice(0, file.shown.lastIndexOf('/') + 1)).filter(Boolean);
  if (folders.length === 0) return files;
  return files.filter((file) => indexes.includes(file) || !folders.some((folder) => file.shown.startsWith(folder)));
}

type Place = Pick<ShownResult, 'title' | 'group' | 'caption' | 'ruled' | 'open'>;

function addShown(chosen: ShownResult[], file: ResultFile, kind: ShownResult['kind'], place: Place): void {
  const type = file.type.kind;
  const isPicture = type === 'image' || type === 'scan' || type === 'drawing';
  if ((kind === 'image') !== isPicture || (kind === 'page' && type !== 'page')) return;
  const labels = kind === 'image' && (place.ruled === 'label' || LABEL_WORDS.test(`${place.title} ${file.shown}`));
  chosen.push({ file, kind, ...place, labels });
}

/** What one of several is called; what the heading above it says already is not said again. */
function titleOf({ title, group }: Manifest['outputs'][number], name: string): string {
  return title === '' || title === group ? name : `${title}: ${name}`;
}

/** The folder, with the slash at its end, in which all of them lie; '' for none. */
function sharedFolder(names: readonly string[]): string {
  const [first = ''] = names;
  const folders = first.split('/').slice(0, -1);
  const isShared = (count: number) => names.every((name) => name.startsWith(`${folders.slice(0, count).join('/')}/`));
  const shared = folders.map((_, index) => index + 1).filter(isShared);
  return shared.length === 0 ? '' : `${folders.slice(0, shared.at(-1)).join('/')}/`;
}
