/**
 * All visible text, by key: `text('accounts.emailTaken', { email })`. One JSON file per area under `locales/en`; `{name}` in a
 * sentence is replaced by the value of that name. `{count, one|many}` picks the first form for 1 and the second for all else.
 */
import accounts from './en/accounts.json';
import archives from './en/archives.json';
import browse from './en/browse.json';
import common from './en/common.json';
import compare from './en/compare.json';
import conditions from './en/conditions.json';
import docker from './en/docker.json';
import errors from './en/errors.json';
import files from './en/files.json';
import home from './en/home.json';
import inbox from './en/inbox.json';
import log from './en/log.json';
import mail from './en/mail.json';
import outcome from './en/outcome.json';
import pipelines from './en/pipelines.json';
import projects from './en/projects.json';
import queue from './en/queue.json';
import rendering from './en/rendering.json';
import reports from './en/reports.json';
import run from './en/run.json';
import runner from './en/runner.json';
import runners from './en/runners.json';
import samples from './en/samples.json';
import shares from './en/shares.json';
import show from './en/show.json';
import slurm from './en/slurm.json';
import space from './en/space.json';
import sweep from './en/sweep.json';
import tables from './en/tables.json';
import tasks from './en/tasks.json';
import uploads from './en/uploads.json';
import viewer from './en/viewer.json';

export const english = {
  accounts,
  archives,
  browse,
  common,
  compare,
  conditions,
  docker,
  errors,
  files,
  home,
  inbox,
  log,
  mail,
  outcome,
  pipelines,
  projects,
  queue,
  rendering,
  reports,
  run,
  runner,
  runners,
  samples,
  shares,
  show,
  slurm,
  space,
  sweep,
  tables,
  tasks,
  uploads,
  viewer,
};

type Areas = typeof english;
/** `area.key` of every sentence there is; a typo does not compile. */
export type TextKey = { [Area in keyof Areas]: `${Area}.${Extract<keyof Areas[Area], string>}` }[keyof Areas];
export type TextValues = Record<string, string | number>;

const PLACEHOLDER = /\{(\w+)(?:,\s*([^|{}]*)\|([^{}]*))?\}/g;

/** The sentence of a key with its values filled in. An unknown key (possible from a template) is returned as it is. */
export function text(key: TextKey, values: TextValues = {}): string {
  return fillIn(lookUp(key), values);
}

function lookUp(key: string): string {
  const [area = '', name = ''] = key.split('.', 2);
  const sentences = (english as Record<string, Record<string, string>>)[area];
  return sentences?.[name] ?? key;
}

function fillIn(sentence: string, values: TextValues): string {
  return sentence.replace(PLACEHOLDER, (whole, name: string, one?: string, many?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (one === undefined || many === undefined) return String(value);
    return Number(value) === 1 ? one : many;
  });
}
