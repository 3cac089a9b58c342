import { formatBytes } from '../../browser/amounts';
import { formatNumber } from '../../locales/formats';
import type { OldFolders } from './old-folders';
import type { OldSystem } from './old-system';
import type { Plan, Remark, RemarkLevel } from './plan';

/** Of one kind, unless everything is wanted. */
const MOST_OF_A_KIND = 10;
const HEADINGS: Record<RemarkLevel, string> = {
  stop: 'Mend this first; nothing is taken over before',
  left: 'Stays as it is',
  again: 'Waits there and has to be asked for again here',
  note: 'Good to know',
};
/** Limits of the older system go by other names there, and the rest by the same. */
const SAME_NAMES = ['ALLOW_GUESTS', 'DEMO_USERLIST'] as const;

/** Everything that was found out, for the administrator. */
export function reportOf(old: OldSystem, plan: Plan & { found: OldFolders }, options: { all: boolean; filesRoot: string }): string {
  const parts = [sourcesOf(old, plan), amountsOf(plan, options.filesRoot), ...remarksOf(plan.remarks, options.all), settingsOf(old)];
  return printable(parts.filter((part) => part !== '').join('\n\n'));
}

function sourcesOf({ settings, source, users, queue, results }: OldSystem, { found }: { found: OldFolders }): string {
  const meanings = (columns: object) =>
    Object.entries(columns as Record<string, { name: string }>)
      .map(([meaning, { name }]) => (meaning === name ? name : `${name} as ${meaning}`))
      .join(', ');
  return [
    'The older system',
    ...(settings.files.length > 0 ? [`  settings   ${settings.files.join(', ')}`] : []),
    `  people     ${source}: ${meanings(users.columns)}${restInWords(users.others)}`,
    `  queue      ${queue ? `${meanings(queue.columns)}${restInWords(queue.others)}` : 'none'}`,
    `  projects   ${found.root}`,
    `  results    ${results.length > 0 ? results.join(', ') : 'not told; --results=NAME,NAME says what a run leaves in a project'}`,
  ].join('\n');
}

function restInWords(columns: readonly string[]): string {
  return columns.length === 0 ? '' : `; not used: ${columns.join(', ')}`;
}

function amountsOf({ people, projects, ended, waiting }: Plan, filesRoot: string): string {
  const known = people.filter(({ accountId }) => accountId !== null).length;
  const files = projects.reduce((sum, { folder }) => sum + folder.survey.files, 0);
  const bytes = projects.reduce((sum, { folder }) => sum + folder.survey.bytes, 0);
  const left = projects.filter(({ results }) => results.length > 0).length;
  return [
    'To be taken over',
    `  people     ${people.length}${known === 0 ? '' : `, of whom ${known} have their account here already`}`,
    `  projects   ${projects.length} with ${formatNumber(files)} files, ${formatBytes(bytes)}; their folders move to ${filesRoot}, nothing is copied`,
    `  runs       ${ended.length} ended, ${waiting.length} waiting; ${left} projects with results of a last run`,
  ].join('\n');
}

export function remarksOf(remarks: readonly Remark[], all: boolean): string[] {
  return (Object.keys(HEADINGS) as RemarkLevel[]).flatMap((level) => {
    const own = remarks.filter((remark) => remark.level === level);
    if (own.length === 0) return [];
    const kinds = new Map<string, string[]>();
    for (const { kind, sentence } of own) {
      const ofKind = kinds.get(kind);
      if (ofKind) ofKind.push(printable(sentence).replaceAll('\n', ' '));
      else kinds.set(kind, [printable(sentence).replaceAll('\n', ' ')]);
    }
    const lines = [...kinds.values()].flatMap((sentences) => {
      const most = all ? sentences.length : MOST_OF_A_KIND;
      const rest = sentences.length - most;
      return [...sentences.slice(0, most), ...(rest > 0 ? [`… and ${rest} more like this; --all names them.`] : [])];
    });
    return [[`${HEADINGS[level]} (${own.length})`, ...lines.map((line) => `  ${line}`)].join('\n')];
  });
}

/** Names and arguments may hold signs that steer a terminal: whoever typed them there is not whoever reads them here. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (sign) => (sign === '\n' ? sign : '\u{fffd}'));
}

/** What it said that is a setting here as well; the page docs/coming-from.md has them all. */
function settingsOf({ settings: { values, demoUsers, allowGuests } }: OldSystem): string {
  const lines = SAME_NAMES.flatMap((name) => {
    if (name === 'ALLOW_GUESTS') return allowGuests === null ? [] : [`  ALLOW_GUESTS=${allowGuests ? 'on' : 'off'}`];
    return demoUsers.length === 0
      ? []
      : [`  DEMO_USERLIST=${demoUsers.join(',')}    (write their e-mail addresses, unless an external table has their names)`];
  });
  const limits = [...values.keys()]
    .filter((name) => /^(GUEST|USER)_/.test(name))
    .map((name) => `  ${name} was ${String(values.get(name))}`);
  if (lines.length + limits.length === 0) return '';
  return ['Its settings that exist here too (docs/coming-from.md maps all of them)', ...lines, ...limits].join('\n');
}
