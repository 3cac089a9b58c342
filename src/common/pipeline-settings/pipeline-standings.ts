import { Injectable } from '@nestjs/common';
import { groupKey } from '../groups/group-name';
import { GroupsRepository } from '../groups/groups.repository';
import type { PipelineAccess } from '../pipelines/access';
import type { Manifest } from '../pipelines/manifest';
import type { Audience } from './audience';
import type { PipelineSetting } from './pipeline-setting.entity';
import { Newcomers } from './newcomers';
import { PipelineSettingsRepository } from './pipeline-settings.repository';

/** How a pipeline stands: what its manifest says, and over it what an administrator does. */
export interface PipelineStanding {
  audience: Audience;
  isOff: boolean;
  /** Told while it is off; '' for nothing. */
  note: string;
  /** Names in its manifest that no group has. */
  unknownGroups: string[];
  /** Whether it could be one of which something was said under another name: see `Newcomers`. */
  isHeldBack: boolean;
}

type Named = Pick<Manifest, 'id' | 'access'>;

/** What is known of nothing is open to nobody. */
const CLOSED: PipelineStanding = { audience: 'administrators', isOff: false, note: '', unknownGroups: [], isHeldBack: false };

/** Finds out who may run which pipeline, and which are off. */
@Injectable()
export class PipelineStandings {
  constructor(
    private readonly settings: PipelineSettingsRepository,
    private readonly groups: GroupsRepository,
    private readonly newcomers: Newcomers,
  ) {}

  /** By id of the pipeline. */
  async of(manifests: readonly Named[]): Promise<Map<string, PipelineStanding>> {
    const settings = await this.settings.all();
    const groupIds = manifests.some(({ access }) => typeof access === 'object') ? await this.groupIds() : new Map<string, string>();
    const heldBack = await this.newcomers.heldBack(settings);
    return new Map(
      manifests.map((manifest) => {
        const standing = standingOf(manifest, settings.get(manifest.id), groupIds);
        return [manifest.id, heldBack.has(manifest.id) ? { ...standing, audience: 'administrators', isHeldBack: true } : standing];
      }),
    );
  }

  /** Ids of all that only administrators may run until they say more, faulty ones among them. */
  async heldBack(): Promise<ReadonlySet<string>> {
    return this.newcomers.heldBack(await this.settings.all());
  }

  /** What was said of pipelines that are not there. */
  async lost(): Promise<PipelineSetting[]> {
    return this.newcomers.lost(await this.settings.all());
  }

  async ofOne(manifest: Named): Promise<PipelineStanding> {
    return (await this.of([manifest])).get(manifest.id) ?? CLOSED;
  }

  private async groupIds(): Promise<Map<string, string>> {
    return new Map((await this.groups.all()).map(({ nameKey, id }) => [nameKey, id]));
  }
}

function standingOf({ access }: Named, setting: PipelineSetting | undefined, groupIds: ReadonlyMap<string, string>): PipelineStanding {
  const { isOff = false, note = '', access: said = null } = setting ?? {};
  const unknownGroups = typeof access === 'object' ? access.groups.filter((name) => !groupIds.has(groupKey(name))) : [];
  return { audience: said === null ? audienceOf(access, groupIds) : storedAudience(said), isOff, note, unknownGroups, isHeldBack: false };
}

function audienceOf(access: PipelineAccess = 'everyone', groupIds: ReadonlyMap<string, string>): Audience {
  if (typeof access === 'string') return access;
  const known = access.groups.flatMap((name) => groupIds.get(groupKey(name)) ?? []);
  return { groupIds: new Set(known), userIds: new Set(), addresses: new Set(access.people) };
}

function storedAudience(access: NonNullable<PipelineSetting['access']>): Audience {
  if (typeof access === 'string') return access;
  return { groupIds: new Set(access.groups), userIds: new Set(access.people), addresses: new Set() };
}
