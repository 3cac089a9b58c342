import { SafeString, escapeExpression, type HelperDelegate, type HelperOptions } from 'handlebars';
import { formatBytes } from '../../browser/amounts';
import { duration } from '../../browser/time-words';
import type { RunState } from '../../common/queue/run-state';
import { formatNumber } from '../../locales/formats';
import { currentLanguage } from '../../locales/language';
import { sentencesInRow } from '../../locales/joined';
import { text, type TextKey, type TextValues } from '../../locales/text';
import type { Assets } from './assets';
import { plotWords } from './plot-words';
import {
  cellElement,
  dateElement,
  exactElement,
  expectedElement,
  headElement,
  iconElement,
  jsonForScript,
  nameElement,
  placesAttribute,
  shortName,
  runMarkElement,
  runStateElement,
  sinceElement,
  timeElement,
  timeLeftElement,
  timeWords,
  whenSentence,
  type TimeLeftFacts,
} from './elements';

type Helpers = Record<string, HelperDelegate>;
/** What Handlebars puts behind the arguments of a helper, as far as it is read here. */
type Options = Pick<HelperOptions, 'hash' | 'data'>;

/**
 * What templates can call. The last argument of each is Handlebars' own; `hash` holds the `name=value` pairs.
 *
 * `{{t 'area.key' name=value}}` sentence, into which other helpers may put an element · `{{url '/projects' id}}` address below the base path, segments encoded, pairs as query ·
 * `{{asset 'css/app.css'}}` · `{{icon 'clock' class='x'}}` · `{{cutName name}}` (before its end) · `{{shortName name}}` (the same over a few lines) · `{{cell words}}` (likewise, where it is long) · `{{places words decimals}}` (attribute: room for decimal places that a figure lacks) · `{{head name}}` (of a column, with places to break) · `{{runState state large=true}}` · `{{runMark state}}` (its icon alone) · `{{when ms}}` · `{{expected ms}}` (never past) · `{{date ms}}` (a day) · `{{exact ms}}` (to the second) · `{{since ms}}` · `{{timeLeft left}}` ·
 * `{{tWhen 'area.name' ms}}` (a sentence with the moment at `{when}`) · `{{duration seconds}}` · `{{gap}}` (what stands between two sentences) · `{{language}}` (tag of the language of the moment) · `{{bytes n}}` · `{{number n}}` · `{{place index}}` (from 1) · `{{json x}}` (in `<script type="application/json">` only) ·
 * `{{eq a b}}` `{{not x}}` `{{isNumber x}}` (true for 0) `{{and a b}}` `{{or a b}}` `{{gt a b}}` `{{startsWith text start}}` for conditions.
 */
export function createHelpers(assets: Assets): Helpers {
  return { ...wordHelpers(), ...addressHelpers(assets), ...elementHelpers(assets), ...conditionHelpers() };
}

function wordHelpers(): Helpers {
  return {
    t: (key: TextKey, options: Options) => sentence(key, options.hash),
    bytes: (count: unknown) => formatBytes(Number(count)),
    number: (value: unknown) => formatNumber(Number(value)),
    gap: () => sentencesInRow(text('common.stop'), '.').slice(text('common.stop').length, -1),
    place: (index: unknown) => Number(index) + 1,
    duration: (seconds: unknown) => duration(Number(seconds), timeWords()),
    json: (value: unknown) => jsonForScript(value),
    timeWords: () => jsonForScript(timeWords()),
    language: () => currentLanguage().tag,
    plotWords: () => jsonForScript(plotWords()),
  };
}

function addressHelpers(assets: Assets): Helpers {
  return {
    url: (path: unknown, ...rest: unknown[]) => {
      const options = rest.pop() as Options;
      return `${basePath(options)}${address(String(path), rest, options.hash as Record<string, unknown>)}`;
    },
    asset: (file: unknown, options: Options) => `${basePath(options)}${assets.path(String(file))}`,
  };
}

function elementHelpers(assets: Assets): Helpers {
  const sprite = (options: Options) => `${basePath(options)}${assets.path('img/icons.svg')}`;
  const now = (options: Options) => Number(rootOf(options)['nowMs'] ?? Date.now());
  return {
    icon: (name: unknown, options: Options) => iconElement(sprite(options), assets.icon(String(name)), textOf(options.hash['class'])),
    cutName: (name: unknown) => nameElement(String(name)),
    shortName: (name: unknown) => shortName(String(name)),
    cell: (words: unknown) => cellElement(textOf(words)),
    places: (words: unknown, decimals: unknown) => placesAttribute(textOf(words), Number(decimals) || 0),
    head: (name: unknown) => headElement(textOf(name)),
    runMark: (state: RunState, options: Options) => runMarkElement(sprite(options), state),
    runState: (state: RunState, options: Options) => runStateElement(sprite(options), state, options.hash['large'] === true),
    when: (atMs: unknown, options: Options) => (isAbsent(atMs) ? '' : timeElement(Number(atMs), now(options))),
    tWhen: (key: TextKey, atMs: unknown, options: Options) => whenSentence(key, Number(atMs), now(options)),
    expected: (atMs: unknown, options: Options) => (isAbsent(atMs) ? '' : expectedElement(Number(atMs), now(options))),
    exact: (atMs: unknown) => (isAbsent(atMs) ? '' : exactElement(Number(atMs))),
    date: (atMs: unknown) => (isAbsent(atMs) ? '' : dateElement(Number(atMs))),
    timeLeft: (left: TimeLeftFacts | null, options: Options) => (left ? timeLeftElement(left, now(options)) : ''),
    since: (sinceMs: unknown, options: Options) => (isAbsent(sinceMs) ? '' : sinceElement(Number(sinceMs), now(options))),
  };
}

function conditionHelpers(): Helpers {
  return {
    eq: (left: unknown, right: unknown) => left === right,
    gt: (left: unknown, right: unknown) => Number(left) > Number(right),
    not: (value: unknown) => isFalsy(value),
    isNumber: (value: unknown) => typeof value === 'number',
    and: (...values: unknown[]) => !values.slice(0, -1).some(isFalsy),
    or: (...values: unknown[]) => values.slice(0, -1).find((value) => !isFalsy(value)) ?? false,
    startsWith: (value: unknown, start: unknown) => textOf(value).startsWith(String(start)),
  };
}

/** From the private area of Unicode, which no sentence uses: stands for an element while the sentence around it is escaped. */
const PLACE = (index: number) => `\uE000${index}\uE001`;

/** A sentence with what is filled in. Elements of other helpers stay what they are; all else is text. */
function sentence(key: TextKey, values: Record<string, unknown>): string | SafeString {
  const elements = Object.entries(values).filter(([, value]) => value instanceof SafeString);
  if (elements.length === 0) return text(key, values as TextValues);
  const places = Object.fromEntries(elements.map(([name], index) => [name, PLACE(index)]));
  const escaped = escapeExpression(text(key, { ...(values as TextValues), ...places }));
  return new SafeString(elements.reduce((html, [, element], index) => html.replaceAll(PLACE(index), () => String(element)), escaped));
}

/**
 * Path, encoded segments and query. A segment with slashes is a path of its own and keeps them; `.` and `..` are never part of one.
 * Query values that are absent or empty are left out.
 */
export function address(path: string, segments: readonly unknown[], query: Record<string, unknown> = {}): string {
  const parts = segments.flatMap((segment) => String(segment).split('/'));
  if (parts.some((part) => part === '.' || part === '..')) throw new Error(`Not a path below ${path}: ${parts.join('/')}`);
  const tail = parts.map((part) => `/${encodeURIComponent(part)}`).join('');
  const pairs = Object.entries(query).filter(([, value]) => !isAbsent(value) && value !== '' && value !== false);
  const search = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `${path === '/' && tail ? '' : path}${tail}${search ? `?${search}` : ''}`;
}

function basePath(options: Options): string {
  return textOf(rootOf(options)['basePath']);
}

function rootOf(options: Options): Record<string, unknown> {
  return (options.data as { root: Record<string, unknown> }).root;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function isFalsy(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}
