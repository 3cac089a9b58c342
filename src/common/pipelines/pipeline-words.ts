import { readdir } from 'node:fs/promises';
import { currentLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import type { Manifest, Pipeline, PipelineWords } from './manifest';
import { readYaml } from './yaml-document';

/** A file of them, and what it is relative to the folder of its pipeline. */
export interface WordsFile {
  tag: string;
  /** In PIPELINES_DIR for a bare script, else in the folder of the pipeline. */
  path: string;
}

const TAG = '[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*';
const MOST_LANGUAGES = 40;
/** Where a manifest has words for people; the same words elsewhere are names. */
const FOR_PEOPLE = new Set([
  'caption',
  'gives',
  'group',
  'help',
  'helpLong',
  'label',
  'message',
  'patternMessage',
  'placeholder',
  'summary',
  'takes',
  'title',
  'whenMissing',
  'zeroMeans',
]);
const known = new WeakMap<Manifest, Map<string, Manifest>>();
/** By the id of the pipeline; those that are gone keep theirs, for the pages of their runs. */
const inForce = new Map<string, { title: string; words: PipelineWords }>();

/** The files with words of a pipeline: `locales/zh.yaml` in its folder; `count.zh.yaml` beside the bare script `count.sh`. */
export async function wordsFiles(folder: string, script: string | null): Promise<WordsFile[]> {
  const names = await readdir(script === null ? `${folder}/locales` : folder).catch((): string[] => []);
  const start = script === null ? '' : `${script}.`;
  return names
    .sort()
    .flatMap((name): WordsFile[] => {
      const tag = name.startsWith(start) ? new RegExp(`^(${TAG})\\.ya?ml$`).exec(name.slice(start.length))?.[1] : undefined;
      return tag === undefined ? [] : [{ tag, path: script === null ? `locales/${name}` : name }];
    })
    .slice(0, MOST_LANGUAGES);
}

/** @param source of a file that has each text of the pipeline, and what stands for it. @returns the words, or what is wrong. */
export function readWords(source: string): ReadonlyMap<string, string> | string[] {
  const reading = readYaml(source);
  if ('faults' in reading) return reading.faults;
  const { value } = reading;
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) return [text('pipelines.wordsNoPairs')];
  const pairs = Object.entries(value as Record<string, unknown>);
  const odd = pairs.filter(([, word]) => typeof word !== 'string' || word.trim() === '').map(([one]) => one);
  return odd.length > 0 ? [text('pipelines.wordsNoText', { text: odd[0] })] : new Map(pairs as [string, string][]);
}

/** Puts the words of a pipeline into force for what is stored of its runs. */
export function useWords({ manifest, words }: Pick<Pipeline, 'manifest' | 'words'>): void {
  if (words) inForce.set(manifest.id, { title: manifest.title, words });
  else inForce.delete(manifest.id);
}

/** The pipeline as people read it in the language of the moment. It is the same pipeline: what is stored of a run is written as it was. */
export function inReadersWords(pipeline: Pipeline): Pipeline {
  const { tag } = currentLanguage();
  const words = ofReader(pipeline.words);
  if (!words) return pipeline;
  const languages = known.get(pipeline.manifest) ?? new Map<string, Manifest>();
  known.set(pipeline.manifest, languages);
  const manifest = languages.get(tag) ?? inWords(pipeline.manifest, words);
  languages.set(tag, manifest);
  return { ...pipeline, manifest };
}

/** A manifest that was stored with a run, as people read it in the language of the moment; texts that the pipeline does not know today stay. */
export function storedInReadersWords<Stored extends object>(manifest: Stored): Stored {
  const words = ofReader(inForce.get((manifest as { id?: string }).id ?? '')?.words);
  return words ? inWords(manifest, words) : manifest;
}

/** What a pipeline calls something, in the language of the moment. @param pipelineId undefined, and an unknown one, know no words. */
export function wordInReadersWords(pipelineId: string | undefined, text: string): string {
  return ofReader(inForce.get(pipelineId ?? '')?.words)?.get(text) ?? text;
}

/** Title of the pipeline of a run. */
export function titleInReadersWords({ pipelineId, pipelineTitle }: { pipelineId: string; pipelineTitle: string }): string {
  return wordInReadersWords(pipelineId, pipelineTitle);
}

/** Ids of pipelines that have a title of their own in the language of the moment, and one with some words in it. @param sought in lower case. */
export function pipelinesCalled(sought: string): string[] {
  return [...inForce].flatMap(([id, { title, words }]) => (ofReader(words)?.get(title)?.toLowerCase().includes(sought) ? id : []));
}

function ofReader(words: PipelineWords | undefined): ReadonlyMap<string, string> | undefined {
  const { tag } = currentLanguage();
  return words?.get(tag) ?? words?.get(tag.split('-')[0]);
}

/** Texts of a manifest that people read, as it has them. */
export function textsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => (isForPeople(key, part) ? [part] : textsOf(part)));
}

function inWords<Value>(value: Value, words: ReadonlyMap<string, string>): Value {
  if (Array.isArray(value)) return value.map((part: unknown) => inWords(part, words)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).map(([key, part]: [string, unknown]) => [
    key,
    isForPeople(key, part) ? (words.get(part) ?? part) : inWords(part, words),
  ]);
  return Object.fromEntries(parts) as Value;
}

function isForPeople(key: string, part: unknown): part is string {
  return typeof part === 'string' && part !== '' && FOR_PEOPLE.has(key);
}
