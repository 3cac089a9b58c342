import { Injectable } from '@nestjs/common';
import { join } from 'node:path';
import { AppConfig } from '../../common/config/app-config';
import { quoteCommand } from '../../common/pipelines/shell-words';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { StoredManifest } from '../show/run-facts';

/** What a crate says instead of a place of this machine. */
export type Hide = (text: string) => string;

/** A path from the root with two names or more, at the beginning of a word or behind a sign; of an address on the web only what no sign leads. */
const PATH = /(^|[^\w.\-/…*?}\]])\/(?![/\s])(?:[^/:=,;"'\n]+\/)+([^/:=,;"'\s]*)/g;
const LEFT_OUT = '…';

/** Takes the places of this machine, and what may be secret, out of what is handed on to others. */
@Injectable()
export class CratePlaces {
  constructor(private readonly config: AppConfig) {}

  /** Names the folders of the run, its project and the pipelines as the crate knows them, and leaves of other paths the last name. */
  hider(project: Pick<Project, 'id' | 'homeId'>, { id }: Pick<Run, 'id'>): Hide {
    const { filesRoot, runsRoot, settings } = this.config;
    const folder = join(filesRoot, project.homeId, project.id);
    const known: [string | undefined, string][] = [
      [join(folder, 'runs', String(id)), 'results'],
      [folder, 'project'],
      [join(runsRoot, String(id)), 'control'],
      [settings.PIPELINES_DIR, 'pipelines'],
      [settings.INBOX_DIR, 'inbox'],
      [settings.OUTBOX_DIR, 'outbox'],
    ];
    const places = known.flatMap(([place, name]): [string, string][] => (place === undefined ? [] : [[place, name]]));
    return (text) => {
      const named = places.reduce((words, [place, name]) => withName(words, place, name), text);
      return named.replace(PATH, `$1${LEFT_OUT}/$2`);
    };
  }
}

/** Names a place wherever it stands as a whole, or as the beginning of a path. */
function withName(words: string, place: string, name: string): string {
  const [first, ...rest] = words.split(place);
  return rest.reduce((said, after) => said + (/^[\w.-]/.test(after) ? place : name) + after, first);
}

/** A command line as somebody could type it, without the places. */
export function commandWithout(argv: readonly string[], hide: Hide): string {
  return quoteCommand(argv.map(hide));
}

/** A sentence without the places: a path in it ends where a word does. */
export function sentenceWithout(sentence: string, hide: Hide): string {
  return sentence
    .split(/(\s+)/)
    .map((word) => hide(word))
    .join('');
}

/** A manifest that others may read: no place of this machine, and of variables of the environment the names alone. */
export function manifestWithout(manifest: StoredManifest, hide: Hide): StoredManifest {
  const shown = hidden(manifest, hide) as StoredManifest;
  const runtime = shown.runtime as Record<string, unknown> | undefined;
  for (const key of ['env', 'variables']) {
    const values = runtime?.[key];
    if (typeof values === 'object' && values !== null && runtime) {
      runtime[key] = Object.fromEntries(Object.keys(values).map((name) => [name, LEFT_OUT]));
    }
  }
  return shown;
}

function hidden(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') return hide(value);
  if (Array.isArray(value)) return value.map((one) => hidden(one, hide));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hidden(one, hide)]));
}
