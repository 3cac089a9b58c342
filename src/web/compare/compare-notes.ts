import type { TextKey } from '../../locales/text';
import { text } from '../../locales/text';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { StoredManifest } from '../show/run-facts';

/** What has to be known of a run before what it is compared in says anything. */
export interface NotedRun {
  run: Pick<Run, 'id' | 'pipelineId' | 'pipelineTitle' | 'state' | 'attempt'>;
  manifest: StoredManifest;
  /** Whether its results can still be read. */
  hasResults: boolean;
  /** Whether checksums of its results are still to come. */
  isSumming: boolean;
}

/** What stands above a comparison: that pipelines differ, that a run is not over, that results are gone. */
export function compareNotes(runs: readonly NotedRun[]): string[] {
  const those = (key: TextKey, which: (one: NotedRun) => boolean): string[] => {
    const numbers = runs.filter(which).map(({ run }) => run.id);
    return numbers.length === 0 ? [] : [text(key, { numbers: numbers.join(', #') })];
  };
  return [
    ...pipelineNotes(runs),
    ...those('compare.stillRuns', ({ run }) => !isFinal(run.state)),
    ...those('compare.neverBegan', ({ run }) => isFinal(run.state) && run.attempt === 0),
    ...those('compare.resultsGone', ({ run, hasResults }) => isFinal(run.state) && run.attempt > 0 && !hasResults),
    ...those('compare.checksumsComing', ({ isSumming, hasResults }) => isSumming && hasResults),
  ];
}

function pipelineNotes(runs: readonly NotedRun[]): string[] {
  const titles = new Map<string, { title: string; numbers: number[] }>();
  for (const { run } of runs) {
    const known = titles.get(run.pipelineId) ?? { title: titleInReadersWords(run), numbers: [] };
    titles.set(run.pipelineId, { ...known, numbers: [...known.numbers, run.id] });
  }
  if (titles.size > 1) {
    const names = [...titles.values()].map(({ title, numbers }) => `${title} (#${numbers.join(', #')})`);
    return [text('compare.otherPipelines', { names: names.join(', ') })];
  }
  const unknown = runs.filter(({ manifest }) => !manifest.digest).map(({ run }) => run.id);
  const digests = new Set(runs.flatMap(({ manifest }) => manifest.digest?.sha256 ?? []));
  const versions = new Set(runs.map(({ manifest }) => manifest.version ?? ''));
  return [
    ...(digests.size > 1 || versions.size > 1 ? [text('compare.otherVersions')] : []),
    ...(unknown.length > 0 && digests.size > 0 ? [text('compare.unknownPipeline', { numbers: unknown.join(', #') })] : []),
  ];
}
