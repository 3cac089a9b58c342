import { readdir } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { NotFoundError, UnavailableError } from '../errors';
import { inDefaultLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { AppConfig } from '../config/app-config';
import type { BrokenPipeline, Pipeline } from './manifest';
import { PipelineReader, type Reading } from './pipeline-reader';
import { useWords } from './pipeline-words';

/** How long what was read is taken for what is there. */
const FRESH_MS = 1000;

interface Known {
  signature: string;
  reading: Reading;
}

/**
 * All pipelines, as PIPELINES_DIR has them now: a new, changed or removed one shows within a second, without a restart. Only what changed
 * is read again. A broken one is in `broken()` and hides nothing else.
 */
@Injectable()
export class PipelineCatalogue {
  private readonly logger = new Logger(PipelineCatalogue.name);
  private readonly reader: PipelineReader;
  private known = new Map<string, Known>();
  private rootFault: BrokenPipeline | null = null;
  private lookedAt = -Infinity;
  private looking: Promise<void> | null = null;

  constructor(private readonly config: AppConfig) {
    const { PIPELINES_DIR, SCRIPT_PREFIX } = config.settings;
    this.reader = new PipelineReader(PIPELINES_DIR, SCRIPT_PREFIX, config.pipelineVariables);
  }

  /** By title. */
  async list(): Promise<Pipeline[]> {
    const pipelines = [...(await this.chosen()).values()];
    return pipelines.sort((one, other) => one.manifest.title.localeCompare(other.manifest.title, 'en', { numeric: true }));
  }

  async find(id: string): Promise<Pipeline | undefined> {
    return (await this.chosen()).get(id);
  }

  /** @throws NotFoundError when there is none; UnavailableError when it is there and broken: what is wrong with it is for administrators. */
  async require(id: string): Promise<Pipeline> {
    const pipeline = await this.find(id);
    if (!pipeline && (await this.broken()).some((one) => one.id === id)) throw new UnavailableError('run.pipelineBroken', { id });
    if (!pipeline) throw new NotFoundError('run.noSuchPipeline', { id: id.slice(0, 80) });
    return pipeline;
  }

  /** What could not be read, by name. */
  async broken(): Promise<BrokenPipeline[]> {
    const chosen = await this.chosen();
    const faults = this.rootFault ? [this.rootFault] : [];
    for (const [name, { reading }] of this.known) {
      if (isBroken(reading)) faults.push(reading.broken);
      if (!reading || !('pipeline' in reading)) continue;
      const { id } = reading.pipeline.manifest;
      if (chosen.get(id) !== reading.pipeline)
        faults.push({ id, file: name, faults: [text('pipelines.idTwice', { id })], ...restrictionOf(reading.pipeline) });
    }
    return faults;
  }

  /** Of two with one id the first by name wins; the other is broken. */
  private async chosen(): Promise<Map<string, Pipeline>> {
    await this.refresh();
    const chosen = new Map<string, Pipeline>();
    for (const { reading } of this.known.values()) {
      if (!reading || !('pipeline' in reading)) continue;
      const { id } = reading.pipeline.manifest;
      if (!chosen.has(id)) chosen.set(id, reading.pipeline);
    }
    return chosen;
  }

  private async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt < FRESH_MS) return;
    // What is wrong with a pipeline is kept for all who ask.
    this.looking ??= inDefaultLanguage(() => this.look()).finally(() => {
      this.looking = null;
      this.lookedAt = performance.now();
    });
    await this.looking;
  }

  private async look(): Promise<void> {
    const names = await this.namesThere();
    const next = new Map<string, Known>();
    for (const name of names) {
      const signature = await this.reader.signature(name);
      if (signature === null) continue;
      const before = this.known.get(name);
      const same = before?.signature === signature && !isBroken(before.reading);
      next.set(name, same ? before : { signature, reading: await this.readAnew(name, before?.reading) });
    }
    this.known = next;
    // Of two with one id the first counts.
    for (const { reading } of [...next.values()].toReversed()) if (reading && 'pipeline' in reading) useWords(reading.pipeline);
  }

  private async namesThere(): Promise<string[]> {
    const root = this.config.settings.PIPELINES_DIR;
    try {
      const names = (await readdir(root)).sort();
      this.rootFault = null;
      return names;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'error';
      if (!this.rootFault) this.logger.error(`The folder of pipelines cannot be read: ${root} (${code})`);
      this.rootFault = { id: '', file: root, faults: [text('pipelines.folderUnreadable', { code })] };
      return [];
    }
  }

  /** What is broken is read again each time: what it lacks may lie deeper than its signature reaches. */
  private async readAnew(name: string, before: Reading | undefined): Promise<Reading> {
    const reading = await this.reader.read(name);
    const faults = isBroken(reading) ? reading.broken.faults.join(' ') : '';
    const known = before && isBroken(before) ? before.broken.faults.join(' ') : '';
    for (const fault of wordFaultsOf(reading)) this.logger.warn(`Words of pipeline ${name}: ${fault}`);
    if (isBroken(reading) && faults !== known) this.logger.warn(`Pipeline ${reading.broken.file} is broken: ${faults}`);
    return reading;
  }
}

function restrictionOf({ manifest: { access = 'everyone' } }: Pipeline): Pick<BrokenPipeline, 'isRestricted'> {
  return access === 'everyone' ? {} : { isRestricted: true };
}

function wordFaultsOf(reading: Reading): readonly string[] {
  return reading !== null && 'pipeline' in reading ? (reading.pipeline.wordFaults ?? []) : [];
}

function isBroken(reading: Reading): reading is { broken: BrokenPipeline } {
  return reading !== null && 'broken' in reading;
}
