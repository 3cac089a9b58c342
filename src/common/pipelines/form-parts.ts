import { posix } from 'node:path';
import { text } from '../../locales/text';
import { chainFaults, expressionFault, type FieldFault } from './condition-faults';
import type { Manifest, Parameter } from './manifest';
import type { ManifestFields } from './manifest-schema';
import { isParameterName, nearestName } from './names';
import { groupsIn } from './pattern';
import { FILE_GROUP, type Column, type Section, type Source, type TableFill } from './rich-parameters';
import type { SectionFields, SourceFields } from './rich-schema';

/** Sections and sources of a manifest, and what parameters say of them. */

export function compileSections(sections: readonly SectionFields[]): Section[] {
  return sections.map(({ when, ...section }) => ({ ...section, ...(when !== undefined && { when }) }));
}

export function compileSources(sources: Readonly<Record<string, SourceFields>>): Record<string, Source> {
  return Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, compileSource(source)]));
}

function compileSource(source: SourceFields): Source {
  if ('files' in source) return { kind: 'files', ...source, folder: source.folder.replace(/^\/+|\/+$/g, '') };
  if ('list' in source) {
    const { list, whenMissing } = source;
    return { kind: 'list', list: `./${posix.normalize(list)}`, ...(whenMissing !== undefined && { whenMissing }) };
  }
  return { kind: 'columnsOf', ...source };
}

type Known = Pick<Manifest, 'parameters'> & { sources: Record<string, Source> };

/** @param parameters as compiled: with the conditions of their sections. */
export function formFaults(fields: ManifestFields, parameters: readonly Parameter[]): FieldFault[] {
  const { sections = [], sources = {} } = fields;
  const known: Known = { parameters: [...parameters], sources: compileSources(sources) };
  const wrongSections = sectionFaults(sections, parameters);
  return [
    ...wrongSections,
    // A circle through the condition of a section shows only when that is put together with those of its parameters.
    ...(wrongSections.length === 0 && sections.some(({ when }) => when !== undefined) ? combinedFaults(fields, parameters) : []),
    ...Object.entries(sources).flatMap(([name, source]) => sourceFaults(name, source, parameters)),
    ...parameters.flatMap((parameter, index) =>
      useFaults(parameter, known, sections).map(([path, sentence]): FieldFault => [['parameters', index, ...path], sentence]),
    ),
  ];
}

function sectionFaults(sections: readonly SectionFields[], parameters: readonly Parameter[]): FieldFault[] {
  return sections.flatMap(({ id, when }, index): FieldFault[] => {
    const isTwice = sections.findIndex((other) => other.id === id) < index;
    const fault = when === undefined ? undefined : expressionFault(when, parameters);
    return [
      ...(isTwice ? [[['sections', index, 'id'], text('pipelines.sectionTwice', { name: id })] as FieldFault] : []),
      ...(fault === undefined ? [] : [[['sections', index, 'when'], fault] as FieldFault]),
    ];
  });
}

/** What only the conditions of sections bring about: told at the section. */
function combinedFaults({ parameters: written, sections = [] }: ManifestFields, parameters: readonly Parameter[]): FieldFault[] {
  if (chainFaults(written).length > 0) return [];
  const faults: FieldFault[] = [];
  for (const [path, sentence] of chainFaults(parameters)) faults.push([sectionPath(path, parameters, sections), sentence]);
  for (const [index, { when, section }] of parameters.entries()) {
    if (when === undefined || when === written[index]?.when) continue;
    const fault = expressionFault(when, parameters);
    const own = written[index]?.when;
    if (fault !== undefined && (own === undefined || expressionFault(own, parameters) === undefined)) {
      faults.push([['sections', sections.findIndex(({ id }) => id === section), 'when'], fault]);
    }
  }
  return faults;
}

function sectionPath(path: PropertyKey[], parameters: readonly Parameter[], sections: readonly SectionFields[]): PropertyKey[] {
  const section = sections.findIndex(({ id }) => id === parameters[Number(path[1])]?.section);
  return section === -1 ? path : ['sections', section, 'when'];
}

function sourceFaults(name: string, source: SourceFields, parameters: readonly Parameter[]): FieldFault[] {
  const at = (field: string, sentence: string): FieldFault => [['sources', name, field], sentence];
  if (!isParameterName(name)) return [[['sources', name], text('pipelines.sourceName', { name })]];
  if ('columnsOf' in source) {
    const { run } = source;
    const isRun = run === null || parameters.some((parameter) => parameter.name === run && parameter.type === 'run');
    return isRun ? [] : [at('run', text('pipelines.notARun', { name: run }))];
  }
  if ('list' in source) {
    const place = posix.normalize(source.list);
    return place.startsWith('..') || posix.isAbsolute(place) ? [at('list', text('pipelines.commandOutside', { file: source.list }))] : [];
  }
  const groups = groupsIn(source.files);
  const faults = (['group', 'rowsBy', 'columnsBy'] as const).flatMap((field) => {
    const group = source[field];
    if (group === null || groups.includes(group)) return [];
    const known = groups.join(', ');
    return [at(field, known === '' ? text('pipelines.noGroups', { group }) : text('pipelines.noGroup', { group, known }))];
  });
  if (source.columnsBy !== null && source.rowsBy === null) faults.push(at('columnsBy', text('pipelines.columnsByAlone')));
  if (source.group !== null && source.rowsBy !== null) faults.push(at('group', text('pipelines.groupOrRows')));
  return faults;
}

/** What a parameter says of sections and sources. */
function useFaults(parameter: Parameter, known: Known, sections: readonly SectionFields[]): FieldFault[] {
  const { section } = parameter;
  const faults: FieldFault[] = [];
  const ids = sections.map(({ id }) => id);
  if (section !== undefined && !ids.includes(section)) faults.push([['section'], unknownName('Section', section, ids)]);
  if (parameter.type === 'pick') faults.push(...fromFaults(parameter.from, known));
  if (parameter.type !== 'table') return faults;
  for (const [index, column] of parameter.columns.entries()) {
    if (column.type !== 'pick') continue;
    faults.push(...fromFaults(column.from, known).map(([path, sentence]): FieldFault => [['columns', index, ...path], sentence]));
  }
  return parameter.fill ? [...faults, ...fillFaults(parameter.fill, parameter.columns, known)] : faults;
}

function fromFaults(from: string, { sources }: Known): FieldFault[] {
  const source = Object.hasOwn(sources, from) ? sources[from] : undefined;
  if (!source) return [[['from'], unknownName('Source', from, Object.keys(sources))]];
  return source.kind === 'files' && source.group === null ? [[['from'], text('pipelines.sourceNotNames', { name: from })]] : [];
}

function fillFaults({ source: name, columns: filled }: TableFill, columns: readonly Column[], { sources }: Known): FieldFault[] {
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (!source) return [[['fill', 'source'], unknownName('Source', name, Object.keys(sources))]];
  if (source.kind !== 'files') return [[['fill', 'source'], text('pipelines.fillNotFiles', { name })]];
  const groups = groupsIn(source.files);
  return Object.entries(filled).flatMap(([column, group]): FieldFault[] => {
    const fault = columnFillFault(
      columns.find((one) => one.name === column),
      column,
      group,
      { groups, byColumns: source.columnsBy !== null },
    );
    return fault === undefined ? [] : [[['fill', 'columns', column], fault]];
  });
}

/** Groups are texts; `file`, and every value of `columnsBy`, stand for files. */
function columnFillFault(
  column: Column | undefined,
  name: string,
  group: string,
  { groups, byColumns }: { groups: readonly string[]; byColumns: boolean },
): string | undefined {
  if (!column) return text('pipelines.noColumn', { name });
  if (column.type === 'boolean') return text('pipelines.fillFlag', { name });
  const isText = groups.includes(group);
  if (column.type === 'file') return isText ? text('pipelines.fillFileColumn', { name, group }) : groupFault(group, groups, byColumns);
  return isText ? undefined : (groupFault(group, groups, byColumns) ?? text('pipelines.fillTextColumn', { name, group }));
}

function groupFault(group: string, groups: readonly string[], byColumns: boolean): string | undefined {
  if (byColumns || group === FILE_GROUP) return undefined;
  return text('pipelines.noGroup', { group, known: [...groups, FILE_GROUP].join(', ') });
}

function unknownName(what: 'Source' | 'Section', name: string, known: readonly string[]): string {
  if (known.length === 0) return text(`pipelines.no${what}s`, { name });
  const meant = nearestName(name, known);
  return meant === undefined
    ? text(`pipelines.noSuch${what}`, { name, known: known.join(', ') })
    : text(`pipelines.noSuch${what}Meant`, { name, meant });
}
