/**
 * All visible text, by key: `text('accounts.emailTaken', { email })`, in the language of the moment. One JSON file per area under
 * `locales/en`, which says what keys there are, and the same in the folder of each other language; `{name}` in a sentence is replaced by
 * the value of that name. `{count, one|many}` picks the form that goes with the number.
 */
import { writeBytesBy } from '../browser/amounts';
import { fillIn } from '../browser/sentences';
import accounts from './en/accounts.json';
import admin from './en/admin.json';
import api from './en/api.json';
import apiAdmin from './en/apiAdmin.json';
import apiFiles from './en/apiFiles.json';
import apiShares from './en/apiShares.json';
import apiWork from './en/apiWork.json';
import archives from './en/archives.json';
import audit from './en/audit.json';
import browse from './en/browse.json';
import chains from './en/chains.json';
import common from './en/common.json';
import compare from './en/compare.json';
import conditions from './en/conditions.json';
import disk from './en/disk.json';
import docker from './en/docker.json';
import errors from './en/errors.json';
import external from './en/external.json';
import institute from './en/institute.json';
import files from './en/files.json';
import groups from './en/groups.json';
import guests from './en/guests.json';
import home from './en/home.json';
import inbox from './en/inbox.json';
import log from './en/log.json';
import mail from './en/mail.json';
import members from './en/members.json';
import operations from './en/operations.json';
import outcome from './en/outcome.json';
import people from './en/people.json';
import pipelines from './en/pipelines.json';
import pipelineSettings from './en/pipelineSettings.json';
import projects from './en/projects.json';
import queue from './en/queue.json';
import rendering from './en/rendering.json';
import reports from './en/reports.json';
import run from './en/run.json';
import runner from './en/runner.json';
import runners from './en/runners.json';
import samples from './en/samples.json';
import schedules from './en/schedules.json';
import shares from './en/shares.json';
import show from './en/show.json';
import slurm from './en/slurm.json';
import space from './en/space.json';
import sweep from './en/sweep.json';
import tables from './en/tables.json';
import tasks from './en/tasks.json';
import tokens from './en/tokens.json';
import uploads from './en/uploads.json';
import viewer from './en/viewer.json';
import webhooks from './en/webhooks.json';
import { currentLanguage, ENGLISH, inDefaultLanguage } from './language';

export const english = {
  accounts,
  admin,
  api,
  apiAdmin,
  apiFiles,
  apiShares,
  apiWork,
  archives,
  audit,
  browse,
  chains,
  common,
  compare,
  conditions,
  disk,
  docker,
  errors,
  external,
  institute,
  files,
  groups,
  guests,
  home,
  inbox,
  log,
  mail,
  members,
  operations,
  outcome,
  people,
  pipelines,
  pipelineSettings,
  projects,
  queue,
  rendering,
  reports,
  run,
  runner,
  runners,
  samples,
  schedules,
  shares,
  show,
  slurm,
  space,
  sweep,
  tables,
  tasks,
  tokens,
  uploads,
  viewer,
  webhooks,
};

type Areas = typeof english;
/** `area.key` of every sentence there is; a typo does not compile. */
export type TextKey = { [Area in keyof Areas]: `${Area}.${Extract<keyof Areas[Area], string>}` }[keyof Areas];
export type TextValues = Record<string, string | number>;

/** The sentence of a key with its values filled in. An unknown key (possible from a template) is returned as it is. */
export function text(key: TextKey, values: TextValues = {}): string {
  const [area = '', name = ''] = key.split('.', 2);
  const { sentences, locale } = currentLanguage();
  const sentence = sentences[area]?.[name];
  if (sentence !== undefined) return fillIn(sentence, values, locale);
  return fillIn((english as Record<string, Record<string, string>>)[area]?.[name] ?? key, values, ENGLISH.locale);
}

/** The sentence in the default language, for what is stored and read by others, too. */
export function storedText(key: TextKey, values: TextValues = {}): string {
  return inDefaultLanguage(() => text(key, values));
}

/** All sentences of an area as they stand, for scripts that fill them in. */
export function sentencesOf<Area extends keyof Areas>(area: Area): Areas[Area] {
  return { ...english[area], ...currentLanguage().sentences[area] };
}

writeBytesBy((count) => text('common.bytes', { count }));
