import type { Manifest, OutputKind } from '../../common/pipelines/manifest';
import { compileGlob } from '../../common/pipelines/output-glob';
import { LABEL_WORDS } from '../images/label-words';
import type { ResultFile } from './result-tree';

/** A result that the page shows in place. */
export interface ShownResult {
  file: ResultFile;
  kind: Exclude<OutputKind, 'download'>;
  /** From the pipeline's rule; the name of the file where no rule speaks. */
  title: string;
  /** Whether its values are numbers of objects rather than brightness, as far as names tell. */
  labels: boolean;
}

const BY_TYPE = { image: 'image', scan: 'image', table: 'table', text: 'text', other: 'download' } as const;
const UNRULED_ORDER: OutputKind[] = ['image', 'table', 'text'];

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
      addShown(chosen, file, rule.kind, title);
    }
  }
  for (const kind of UNRULED_ORDER) {
    for (const file of files) if (!taken.has(file) && BY_TYPE[file.type.kind] === kind) addShown(chosen, file, kind, file.shown);
  }
  return chosen;
}

function addShown(chosen: ShownResult[], file: ResultFile, kind: OutputKind, title: string): void {
  const isPicture = file.type.kind === 'image' || file.type.kind === 'scan';
  if (kind === 'download' || (kind === 'image') !== isPicture) return;
  chosen.push({ file, kind, title, labels: kind === 'image' && LABEL_WORDS.test(`${title} ${file.shown}`) });
}

function titleOf(title: string, file: ResultFile): string {
  return title === '' ? file.shown : `${title}: ${file.shown}`;
}
