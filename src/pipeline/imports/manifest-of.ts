import type { Draft, DraftArgument, DraftField, DraftFile } from './draft';
import type { Foreign } from './foreign';
import type { ImportReport } from './import-report';
import { Names } from './names';
import { oneLine } from './one-line';

/** What a manifest can say of a draft as a whole: its command line, its files and its sections. */

const MOST_HELP = 2000;
const MOST_LINE = 200;
const MOST_SECTIONS = 50;

/** All of `pipeline.yaml`. @param parameters as they are sound, one for each field. */
export function manifestOf(draft: Draft, parameters: readonly Foreign[], report: ImportReport): Foreign {
  const { title, summary, version, icon, command, env, rules, outputs, progress, written } = draft;
  const sections = sectionsOf(draft, report);
  return {
    ...(title ? { title: oneLine(title, MOST_LINE) } : {}),
    ...(summary ? { summary: oneLine(summary, MOST_HELP) } : {}),
    ...(version ? { version } : {}),
    icon,
    command,
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(sections.size > 0 ? { sections: [...sections.values()] } : {}),
    parameters: parameters.map((parameter, index) => inSection(parameter, draft.fields[index], sections)),
    ...(rules.length > 0 ? { rules: rules.map((rule) => ({ ...rule, message: oneLine(rule.message, MOST_LINE) })) } : {}),
    arguments: draft.arguments.map(argumentOf),
    ...(written.length > 0 ? { files: written.map(fileOf) } : {}),
    ...(outputs.length > 0 ? { outputs } : {}),
    ...(progress === null ? {} : { progress }),
  };
}

/** By the title that a draft has, in the order of the first field of each; a section that is all folded away need not be open. */
function sectionsOf({ fields, sectionHelp }: Draft, report: ImportReport): Map<string, Foreign> {
  const names = new Names();
  const titles = [...new Set(fields.flatMap(({ section }) => section ?? []))];
  if (titles.length > MOST_SECTIONS)
    report.note('weakened', '', `A form has ${MOST_SECTIONS} sections; the fields of all others stand before them.`);
  const sections = titles.slice(0, MOST_SECTIONS).map((title): [string, Foreign] => {
    const help = oneLine(sectionHelp.get(title) ?? '', MOST_HELP);
    const isFolded = fields.every(({ section, advanced }) => section !== title || advanced === true);
    return [
      title,
      {
        id: names.give(title),
        title: oneLine(title, MOST_LINE),
        ...(help === '' ? {} : { help }),
        ...(isFolded ? { collapsed: true } : {}),
      },
    ];
  });
  return new Map(sections);
}

function inSection(parameter: Foreign, field: DraftField | undefined, sections: ReadonlyMap<string, Foreign>): Foreign {
  const section = sections.get(field?.section ?? '');
  if (section === undefined) return parameter;
  const { name, type, ...rest } = parameter;
  return { name, type, section: section['id'], ...rest };
}

/** One entry of `arguments`. */
export function argumentOf(argument: DraftArgument): unknown {
  if ('literal' in argument) return /\{\w+\}/.test(argument.literal) ? { literal: argument.literal } : argument.literal;
  if ('boolean' in argument) {
    const { boolean, whenTrue, whenFalse } = argument;
    return { boolean: boolean.id, ...(whenTrue === null ? {} : { whenTrue }), ...(whenFalse === null ? {} : { whenFalse }) };
  }
  const { flag, style } = argument;
  const name = 'outputFolder' in argument ? 'outputFolder' : argument.field.id;
  const join = 'field' in argument ? joinOf(argument.field, argument.join) : undefined;
  if (join !== undefined) return { value: name, ...(flag === null ? {} : { flag, style }), join };
  if (flag === null || style === 'bare') return `{${name}}`;
  if (/[{}]/.test(flag)) return { value: name, flag, style };
  return style === 'equals' ? `${flag}={${name}}` : [flag, `{${name}}`];
}

/** What stands between several values in one argument; undefined where each is an argument of its own. */
function joinOf({ kind, many = 'join', items }: DraftField, join: string | undefined): string | undefined {
  if (kind !== 'choices' && kind !== 'list') return undefined;
  return join ?? (many === 'join' ? (items?.separator ?? ',') : undefined);
}

function fileOf(file: DraftFile): Foreign {
  if (file.format === 'json') return { ...file };
  const { path, format, field, delimiter } = file;
  const columns = (field.columns ?? []).map((column) => ({ header: column.header, value: `{${column.field.id}}` }));
  return { path, format, rows: field.id, ...(delimiter === ',' ? {} : { delimiter }), columns };
}
