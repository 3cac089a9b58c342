import type { Manifest, OutputKind } from '../../common/pipelines/manifest';
import { compileGlob } from '../../common/pipelines/output-glob';
import { LABEL_WORDS } from '../images/label-words';
import type { ResultFile } from './result-tree';

/** A result that the page shows in place. */
export interface ShownResult {
  file: ResultFile;
  kind: 'image' | 'table' | 'text';
  /** From the pipeline's rule; the name of the file where no rule speaks. */
  title: string;
  /** Whether its values are numbers of objects rather than brightness, as far as names tell. */
  labels: boolean;
  /** Heading under which the pipeline wants it; null above all headings, '' for what no rule of a pipeline with headings names. */
  group: string | null;
  /** A sentence beside it; '' for none. */
  caption: string;
}

const BY_TYPE = { image: 'image', scan: 'image', table: 'table', text: 'text', other: 'download' } as const;
const UNRULED_ORDER: ShownResult['kind'][] = ['image', 'table', 'text'];
/** As what each kind is shown; null: it is listed. A page of somebody else is never opened inside of ours. */
const SHOWN_AS: Record<OutputKind, ShownResult['kind'] | null> = {
  image: 'image',
  label: 'image',
  overlay: 'image',
  table: 'table',
  text: 'text',
  json: 'text',
  html: null,
  site: null,
  download: null,
};

/** What is shown and in which order: first as the rules of the pipeline say, then everything else by its type. */
export function chooseResults(files: readonly ResultFile[], rules: Manifest['outputs']): ShownResult[] {
  const chosen: ShownResult[] = [];
  const taken = new Set<ResultFile>();
  for (const rule of rules) {
    const matches = compileGlob(rule.glob);
    const found = files.filter((file) => !taken.has(file) && matches(file.shown));
    for (const file of found) {
      taken.add(file);
      const title = found.length > 1 || rule.title === '' ? titleOf(rule.title, file) : rule.title;
      const kind = SHOWN_AS[rule.kind];
      const place = { title, group: rule.group ?? null, caption: rule.caption ?? '', isLabel: rule.kind === 'label' };
      if (kind) addShown(chosen, file, kind, place);
    }
  }
  const group = rules.some((rule) => rule.group !== undefined) ? '' : null;
  for (const kind of UNRULED_ORDER) {
    for (const file of files) {
      if (!taken.has(file) && BY_TYPE[file.type.kind] === kind) addShown(chosen, file, kind, { title: file.shown, group, caption: '' });
    }
  }
  return chosen;
}

type Place = Pick<ShownResult, 'title' | 'group' | 'caption'> & { isLabel?: boolean };

function addShown(chosen: ShownResult[], file: ResultFile, kind: ShownResult['kind'], { isLabel = false, ...place }: Place): void {
  const isPicture = file.type.kind === 'image' || file.type.kind === 'scan';
  if ((kind === 'image') !== isPicture) return;
  chosen.push({ file, kind, ...place, labels: kind === 'image' && (isLabel || LABEL_WORDS.test(`${place.title} ${file.shown}`)) });
}

function titleOf(title: string, file: ResultFile): string {
  return title === '' ? file.shown : `${title}: ${file.shown}`;
}
