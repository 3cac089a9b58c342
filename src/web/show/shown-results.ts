import { createHash } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Manifest } from '../../common/pipelines/manifest';
import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import { isHeld } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { currentLanguage } from '../../locales/language';
import { Growth } from './growth';
import type { ResultTree } from './result-tree';
import { ResultsViewer, type ResultsView } from './results.view';
import { RunResults } from './run-results';

/** The results of a run at a moment. */
export interface Look {
  view: ResultsView;
  /** The same for as long as the page would show the same. */
  signature: string;
}

interface Watched {
  look: Promise<Look> | null;
  growth: Growth;
  forget: NodeJS.Timeout;
}

/** Looks at one run lie so far apart, or so many times as long as a look takes: a folder with 100,000 files takes a second. */
const APART_MS = 2000;
const APART_TIMES = 4;
/** What was seen of files is remembered for so long after the last look. */
const REMEMBERED_MS = 60_000;

/**
 * What pages show of the results of runs. A run that still writes is looked at once for all who look at it, and only now and then;
 * nothing is done while nobody looks.
 */
@Injectable()
export class ShownResults implements OnModuleDestroy {
  /** By run and language: what is shown holds words. */
  private readonly watched = new Map<string, Watched>();

  constructor(
    private readonly viewer: ResultsViewer,
    private readonly results: RunResults,
    private readonly runs: RunsRepository,
  ) {}

  /** @throws NotFoundError when the project is gone. */
  async of(run: Run): Promise<Look> {
    if (!isHeld(run.state)) return this.read(run, null);
    const key = `${run.id} ${currentLanguage().tag}`;
    const watched = this.watched.get(key) ?? this.begin(key);
    return (watched.look ??= this.lookAt(run, watched));
  }

  onModuleDestroy(): void {
    for (const { forget } of this.watched.values()) clearTimeout(forget);
    this.watched.clear();
  }

  private begin(key: string): Watched {
    const forget = setTimeout(() => this.watched.delete(key), REMEMBERED_MS).unref();
    const watched = { look: null, growth: new Growth(), forget };
    this.watched.set(key, watched);
    return watched;
  }

  private async lookAt(run: Run, watched: Watched): Promise<Look> {
    const beganMs = performance.now();
    watched.forget.refresh();
    try {
      return await this.read(run, watched.growth);
    } finally {
      const apart = Math.max(APART_MS, (performance.now() - beganMs) * APART_TIMES);
      setTimeout(() => (watched.look = null), apart).unref();
    }
  }

  private async read(run: Run, growth: Growth | null): Promise<Look> {
    const [folder, details] = await Promise.all([this.results.of(run), this.runs.details(run.id)]);
    const { outputs = [], views = [] } = storedInReadersWords((details?.manifest ?? {}) as Partial<Manifest>);
    const tree = await this.results.tree(folder);
    growth?.look(tree.files, performance.now());
    return { view: await this.viewer.view(folder, tree, { outputs, views }, growth), signature: signatureOf(tree, growth) };
  }
}

function signatureOf({ files, complete, passedOver }: ResultTree, growth: Growth | null): string {
  const hash = createHash('sha256').update(`${complete} ${passedOver}`);
  for (const file of files) hash.update(`\n${file.address} ${file.size} ${file.mtimeMs} ${growth?.rests(file) ?? true}`);
  return hash.digest('base64url').slice(0, 16);
}
