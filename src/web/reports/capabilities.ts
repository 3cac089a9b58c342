import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { FactsRepository } from '../../common/database/facts.repository';
import { NotFoundError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { Permissions } from '../http/access/permissions';
import { RunResults } from '../show/run-results';
import { openCapability, sealCapability, type Capability, type CapabilityKind, type CapabilityReader } from './capability';
import { CapabilityReaders, type RunViewer } from './capability-readers';

/** Files that a link opens. */
export interface OpenedCapability {
  kind: CapabilityKind;
  runId: number;
  folder: EntryPath;
  /** The folder; nothing above it can be named. */
  directory: SafeDirectory;
}

const HOUR_MS = 3_600_000;
/** A page that stays open still fetches its pictures; a table in another viewer is looked at on the same day. */
const LIFE_MS: Record<CapabilityKind, number> = { report: HOUR_MS, site: 12 * HOUR_MS, shared: 12 * HOUR_MS };
/** A page of a thousand tiles asks the database once. */
const REMEMBERED_MS = 5000;
const MOST_REMEMBERED = 500;

/**
 * Rights to files that travel in addresses, for pages of results, which have no cookie of ours, and for viewers elsewhere. Each is checked
 * anew: it ends with its time, with the run and its files, and with the right of the person who handed it out.
 */
@Injectable()
export class Capabilities {
  private key: Promise<string> | undefined;
  private readonly remembered = new Map<string, { opened: Promise<OpenedCapability>; untilMs: number }>();

  constructor(
    private readonly facts: FactsRepository,
    private readonly readers: CapabilityReaders,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly permissions: Permissions,
    private readonly results: RunResults,
  ) {}

  /** @param viewer may look at the run. */
  async seal(kind: CapabilityKind, run: Pick<Run, 'id'>, { person, grant }: RunViewer, folder: EntryPath): Promise<string> {
    const reader: CapabilityReader | undefined = grant
      ? { by: 'link', id: grant.id }
      : person
        ? { by: 'person', id: person.id }
        : undefined;
    if (!reader) throw new NotFoundError('reports.linkOver');
    const expiresMs = Math.min(Date.now() + LIFE_MS[kind], grant?.expiresMs ?? Number.POSITIVE_INFINITY);
    return sealCapability(await this.signingKey(), { kind, runId: run.id, reader, folder: formatEntryPath(folder), expiresMs });
  }

  /** @throws NotFoundError for whatever is wrong with it; nobody learns more. */
  async open(token: string): Promise<OpenedCapability> {
    const nowMs = Date.now();
    const capability = openCapability(await this.signingKey(), token, nowMs);
    if (!capability) throw new NotFoundError('reports.linkOver');
    const known = this.remembered.get(token);
    if (known && known.untilMs > nowMs) return known.opened;
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    const opened = this.check(capability);
    this.remembered.set(token, { opened, untilMs: nowMs + REMEMBERED_MS });
    opened.catch(() => this.remembered.delete(token));
    return opened;
  }

  private async check({ kind, runId, reader, folder }: Capability): Promise<OpenedCapability> {
    const [run, viewer] = await Promise.all([this.runs.find(runId), this.readers.find(reader)]);
    const project = run && (await this.projects.findById(run.projectId));
    if (!run || !(await this.permissions.allows('runViewer', { ...viewer, project, run }))) throw new NotFoundError('reports.linkOver');
    const path = parseEntryPath(folder);
    return { kind, runId, folder: path, directory: (await this.results.of(run)).inside(path) };
  }

  /** Not the one that signs forms and cookies. */
  private signingKey(): Promise<string> {
    this.key ??= this.facts.signingKey().then((key) => createHmac('sha256', key).update('capabilities').digest('hex'));
    return this.key;
  }
}
