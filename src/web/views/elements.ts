import { SafeString, escapeExpression } from 'handlebars';
import { date, duration, exactTime, fullTime, relativeTime, timeLeft, type Pace, type TimeWords } from '../../browser/time-words';
import type { RunState } from '../../common/queue/run-state';
import { currentLanguage, type Language } from '../../locales/language';
import { sentencesOf, text, type TextKey } from '../../locales/text';
import { missingPlaces } from './decimal-places';

/** Icon and word of each state; the icon turns while something is going on. */
const STATES: Record<RunState, { icon: string; word: TextKey; turns?: true }> = {
  scheduled: { icon: 'calendar-time', word: 'common.stateScheduled' },
  queued: { icon: 'clock', word: 'common.stateQueued' },
  starting: { icon: 'loader-2', word: 'common.stateStarting', turns: true },
  running: { icon: 'loader-2', word: 'common.stateRunning', turns: true },
  stopping: { icon: 'player-stop', word: 'common.stateStopping' },
  unknown: { icon: 'help-circle', word: 'common.stateUnknown' },
  succeeded: { icon: 'circle-check', word: 'common.stateSucceeded' },
  partial: { icon: 'circle-half-2', word: 'common.statePartial' },
  failed: { icon: 'circle-x', word: 'common.stateFailed' },
  timed_out: { icon: 'alarm', word: 'common.stateTimedOut' },
  cancelled: { icon: 'ban', word: 'common.stateCancelled' },
  lost: { icon: 'plug-connected-x', word: 'common.stateLost' },
};

/** As pages tell it; see `queue/time-left.ts`. */
export interface TimeLeftFacts {
  endMs: number;
  lateMs: number | null;
  pace: Pace | null;
  isCutOff: boolean;
}

/** A moment this far ahead reads as "in a moment". */
const SOON_MS = 1000;

/** The visible word of a state: `timed_out` is written "timed out". */
export function stateWord(state: RunState): string {
  return text(STATES[state].word);
}

export function stateIcon(state: RunState): string {
  return STATES[state].icon;
}

/** @param sprite address of the icon sprite. */
export function iconElement(sprite: string, name: string, classes = ''): SafeString {
  const all = escapeExpression(`icon ${classes}`.trim());
  return new SafeString(`<svg class="${all}" aria-hidden="true"><use href="${escapeExpression(sprite)}#${escapeExpression(name)}"/></svg>`);
}

/** The icon of a run's state where there is no room for its word, which is read out and stands in its title. */
export function runMarkElement(sprite: string, state: RunState): SafeString {
  const { icon, turns } = STATES[state];
  const [mark, word] = [iconElement(sprite, icon, turns ? 'spin' : '').toString(), escapeExpression(stateWord(state))];
  return new SafeString(
    `<span class="state" data-run-state="${state}" title="${word}">${mark}<span class="visually-hidden">${word}</span></span>`,
  );
}

/** Icon and word of a run's state in the element that tests, scripts and style find by `data-run-state`. */
export function runStateElement(sprite: string, state: RunState, large: boolean): SafeString {
  const { icon, turns } = STATES[state];
  const classes = large ? 'state state-lg' : 'state';
  const mark = iconElement(sprite, icon, turns ? 'spin' : '').toString();
  return new SafeString(`<span class="${classes}" data-run-state="${state}">${mark}${escapeExpression(stateWord(state))}</span>`);
}

/** A name of more letters may be cut off; then it keeps so many of its end. */
const [LONG_NAME, END_OF_NAME] = [32, 14];
/** So many stand on three lines of a card. */
const SHORT_NAME = 66;
const LETTERS = new Intl.Segmenter();
/** In UTF-16 units: of what is longer only the end is cut into letters, and so much is shown at most. */
const [LONG_TEXT, MOST_SHOWN] = [400, 1000];
/** Letters that take the room of two. */
const WIDE = /[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uff60]/u;

/**
 * A name that is cut off before its end where it finds no room: names that begin alike differ there, and have their kind there.
 * Without scripts, and without knowing how much room there is.
 */
export function nameElement(name: string): SafeString {
  const isLong = name.length > LONG_TEXT;
  const letters = lettersOf(isLong ? name.slice(-LONG_TEXT / 2) : name);
  if (!isLong && letters.length <= LONG_NAME / (WIDE.test(name) ? 2 : 1)) return new SafeString(escapeExpression(name));
  let width = 0;
  const atEnd = letters.toReversed().findIndex((letter) => (width += WIDE.test(letter) ? 2 : 1) > END_OF_NAME);
  // Of marks piled upon few letters the first may be half a one.
  const end = letters.slice(atEnd === -1 ? 1 : -atEnd).join('');
  const start = clipped(name.slice(0, name.length - end.length), MOST_SHOWN);
  return new SafeString(`<span class="cut"><span>${escapeExpression(start)}</span><span>${escapeExpression(end)}</span></span>`);
}

function lettersOf(name: string): string[] {
  return [...LETTERS.segment(name)].map(({ segment }) => segment);
}

/** No half of a character stays at the end. */
function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Cells of a table that may be longer than their column; such a one shows its end as well, and all of it to whoever points at it or goes to it. */
const LONG_CELL = 36;

export function cellElement(words: string): SafeString {
  if (words.length <= LONG_CELL) return new SafeString(escapeExpression(words));
  const title = escapeExpression(clipped(words, MOST_SHOWN));
  return new SafeString(`<span class="long-cell" tabindex="0" title="${title}">${nameElement(words).toString()}</span>`);
}

/** Room behind a figure that has fewer decimal places than others of its column, as an attribute; '' for none. */
export function placesAttribute(cell: string, decimals: number): SafeString {
  const missing = missingPlaces(cell, decimals);
  return new SafeString(missing === '' ? '' : ` data-places="${missing}"`);
}

/** A name of a column, which may break behind the signs that such names are put together with. */
export function headElement(name: string): SafeString {
  const parts = clipped(name, MOST_SHOWN).split(/(?<=[_.:/-])(?=[^_.:/-])/);
  const html = parts.map((part) => escapeExpression(part)).join('<wbr>');
  // One piece, also where the head lays out what it holds in a row.
  return new SafeString(parts.length > 1 ? `<span>${html}</span>` : html);
}

/** A name that fits into a few lines: what goes is its middle, because names that begin alike differ at their end. */
export function shortName(name: string): string {
  const most = SHORT_NAME / (WIDE.test(name) ? 2 : 1);
  const isLong = name.length > 2 * LONG_TEXT;
  const first = lettersOf(isLong ? name.slice(0, LONG_TEXT) : name);
  if (!isLong && first.length <= most) return name;
  const end = Math.floor(most / 3);
  const last = isLong ? lettersOf(name.slice(-LONG_TEXT)) : first;
  return `${first
    .slice(0, most - end)
    .join('')
    .trimEnd()} … ${last.slice(-end).join('').trimStart()}`;
}

/** A moment in relative words, kept true by the browser, with the full time in its title. @param atMs milliseconds since 1970. */
export function timeElement(atMs: number, nowMs: number): SafeString {
  return momentElement(atMs, `data-when="${atMs}"`, relativeTime(atMs, nowMs, timeWords(), { namesZone: true }));
}

/** A sentence with the moment where its language has it: `{when}`. */
export function whenSentence(key: TextKey, atMs: number, nowMs: number): SafeString {
  const [before, after = ''] = text(key).split('{when}');
  return new SafeString(`${escapeExpression(before)}${timeElement(atMs, nowMs).toString()}${escapeExpression(after)}`);
}

/** A day, which the browser turns into that of the reader. */
export function dateElement(atMs: number): SafeString {
  return momentElement(atMs, `data-date="${atMs}"`, date(atMs, currentLanguage().locale));
}

/** A moment to the second, which the browser turns into the time zone of the reader. */
export function exactElement(atMs: number): SafeString {
  return momentElement(atMs, `data-exact="${atMs}"`, exactTime(atMs, currentLanguage().locale));
}

function momentElement(atMs: number, data: string, words: string): SafeString {
  const title = escapeExpression(fullTime(atMs, currentLanguage().locale));
  return new SafeString(`<time datetime="${new Date(atMs).toISOString()}" title="${title}" ${data}>${escapeExpression(words)}</time>`);
}

/** A moment that is only expected: when it comes and nothing has happened yet, it is "in a moment" and never past. */
export function expectedElement(atMs: number, nowMs: number): SafeString {
  const words = relativeTime(Math.max(atMs, nowMs + SOON_MS), nowMs, timeWords(), { namesZone: true });
  return momentElement(atMs, `data-when="${atMs}" data-expected="yes"`, words);
}

/** The time that has passed since a moment, counted on by the browser. */
export function sinceElement(sinceMs: number, nowMs: number): SafeString {
  const words = escapeExpression(duration(Math.max(0, nowMs - sinceMs) / 1000, timeWords()));
  return new SafeString(`<span data-since="${sinceMs}">${words}</span>`);
}

/** How long a run probably still takes, counted down by the browser; or that its time limit comes before its end. */
export function timeLeftElement({ endMs, lateMs, pace, isCutOff }: TimeLeftFacts, nowMs: number): SafeString {
  if (isCutOff) return new SafeString(`<span>${escapeExpression(timeWords().leftCutOff)}</span>`);
  const words = escapeExpression(timeLeft(endMs, lateMs, nowMs, timeWords()));
  const late = lateMs === null ? '' : ` data-late="${lateMs}"`;
  const told = pace === null ? '' : ` data-pace-since="${pace.sinceMs}" data-pace-percent="${pace.percent}"`;
  return new SafeString(`<span data-left="${endMs}"${late}${told}>${words}</span>`);
}

/** A JSON text that may stand inside a script element: `<` and the two line ends of JavaScript are written as escapes. */
export function jsonForScript(value: unknown): SafeString {
  const escaped = JSON.stringify(value ?? null).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new SafeString(escaped);
}

const wordsOf = new WeakMap<Language, TimeWords>();

/** The words that times are written with; all of them go to the browser, and nothing else. */
export function timeWords(): TimeWords {
  const language = currentLanguage();
  const known = wordsOf.get(language) ?? chosenWords({ ...sentencesOf('common'), locale: language.locale });
  wordsOf.set(language, known);
  return known;
}

function chosenWords({ justNow, secondsAgo, minutesAgo, hoursAgo, soon, inSeconds, inMinutes, inHours, ...others }: TimeWords): TimeWords {
  const { seconds, minutes, minutesSeconds, hours, hoursMinutes, days, daysHours, lessThanASecond, locale, bytes } = others;
  const { leftUnderAMinute, leftMinutes, leftHours, leftHoursMinutes, leftDays, leftMoment, leftLate, leftCutOff } = others;
  const left = { leftUnderAMinute, leftMinutes, leftHours, leftHoursMinutes, leftDays, leftMoment, leftLate, leftCutOff };
  const moments = { justNow, secondsAgo, minutesAgo, hoursAgo, soon, inSeconds, inMinutes, inHours };
  const lengths = { seconds, minutes, minutesSeconds, hours, hoursMinutes, days, daysHours, lessThanASecond };
  return { ...moments, ...left, ...lengths, locale, bytes };
}
