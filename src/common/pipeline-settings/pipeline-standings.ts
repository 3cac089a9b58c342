import { Injectable } from '@nestjs/common';
import { groupKey } from '../groups/group-name';
import { GroupsRepository } from '../groups/groups.repository';
import type { PipelineAccess } from '../pipelines/access';
import type { Manifest } from '../pipelines/manifest';
import type { Audience } from './audience';
import type { PipelineSetting } from './pipeline-setting.entity';
import { PipelineSettingsRepository } from './pipeline-settings.repository';

/** How a pipeline stands: what its manifest says, and over it what an administrator does. */
export interface PipelineStanding {
  audience: Audience;
  isOff: boolean;
  /** Told while it is off; '' for nothing. */
  note: string;
  /** Names in its manifest that no group has. */
  unknownGroups: string[];
}

type Named = Pick<Manifest, 'id' | 'access'>;

const OPEN: PipelineStanding = { audience: 'everyone', isOff: false, note: '', unknownGroups: [] };

/** Finds out who may run which pipeline, and which are off. */
@Injectable()
export class PipelineStandings {
  constructor(
    private readonly settings: PipelineSettingsRepository,
    private readonly groups: GroupsRepository,
  ) {}

  /** By id of the pipeline. */
  async of(manifests: readonly Named[]): Promise<Map<string, PipelineStanding>> {
    const settings = await this.settings.all();
    const groupIds = manifests.some(({ access }) => typeof access === 'object') ? await this.groupIds() : new Map<string, string>();
    return new Map(manifests.map((manifest) => [manifest.id, standingOf(manifest, settings.get(manifest.id), groupIds)]));
  }

  async ofOne(manifest: Named): Promise<PipelineStanding> {
    return (await this.of([manifest])).get(manifest.id) ?? OPEN;
  }

  private async groupIds(): Promise<Map<string, string>> {
    return new Map((await this.groups.all()).map(({ nameKey, id }) => [nameKey, id]));
  }
}

function standingOf({ access }: Named, setting: PipelineSetting | undefined, groupIds: ReadonlyMap<string, string>): PipelineStanding {
  const { isOff = false, note = '', access: said = null } = setting ?? {};
  const unknownGroups = typeof access === 'object' ? access.groups.filter((name) => !groupIds.has(groupKey(name))) : [];
  return { audience: said === null ? audienceOf(access, groupIds) : storedAudience(said), isOff, note, unknownGroups };
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
