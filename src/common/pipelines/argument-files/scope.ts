import { basename } from 'node:path';
import { parseEntryPath } from '../../files/entry-name';
import type { FileReference, Parameter, ParameterValues, Row } from '../manifest';
import { parseNumber } from '../../../browser/numbers';
import { text } from '../../../locales/text';
import type { FileField, Place, Template, TemplatePart, ValuePart } from './argument-file';
import { isValuePart } from './templates';
import { refusal, type Origin, type Piece, type PieceFault } from './pieces';

/** What turns names into what a program is told. */
export interface FilePlaces extends Record<Place, string> {
  /** The path of a file as the program finds it. */
  pathOf(reference: FileReference): string;
}

/** What is written needs of a parameter, or of a column of a table, whatever its type is. */
export type Described = Pick<Parameter, 'name' | 'type'> & {
  when?: string | undefined;
  spelling?: { true: string; false: string } | undefined;
  separator?: string | undefined;
  /** Of a list: what its items are. */
  items?: string;
  columns?: readonly Described[];
};

type Value = ParameterValues[string] | undefined;

/** The one item or row of a parameter that a row of a file is about. */
export interface Current {
  parameter: string;
  value: string | Row;
}

interface Found {
  described: Described;
  value: Value;
  origin: Origin;
}

export const SEPARATOR = ',';

/** What the names in templates stand for: columns of the current row first, then parameters. */
export class Scope {
  private readonly parameters: ReadonlyMap<string, Described>;

  /** @param currents what a row is about; empty outside of rows. @param row its number, from 1. */
  constructor(
    private readonly described: readonly Described[],
    private readonly values: ParameterValues,
    readonly places: FilePlaces,
    private readonly currents: readonly Current[] = [],
    private readonly row: number | null = null,
  ) {
    this.parameters = new Map(described.map((parameter) => [parameter.name, parameter]));
  }

  /** The same names for one row. */
  at(currents: readonly Current[], row: number): Scope {
    return new Scope(this.described, this.values, this.places, currents, row);
  }

  /** The items of a list or the rows of a table; of one value a list of it. */
  itemsOf(name: string): (string | Row)[] {
    const value = own(this.values, name);
    if (Array.isArray(value)) return value;
    return value === undefined || typeof value === 'boolean' || value === '' ? [] : [value];
  }

  /** The texts that a part stands for: none where it is empty, several for a list. */
  textsOf(part: TemplatePart): Piece[] {
    if (typeof part === 'string') return [{ text: part, of: null }];
    if ('place' in part) return [{ text: this.places[part.place], of: { name: part.place, isFile: true, row: this.row } }];
    const { described, value, origin } = this.find(part.name);
    const texts = textsOf(described, value).map((one) => (isFile(described) ? this.partOf(one, part.field) : this.written(described, one)));
    return texts.map((one) => ({ text: one, of: origin }));
  }

  /** A template as pieces: null where a value of it is empty. Lists are joined. @param fault takes what cannot be joined. */
  assemble(template: Template, file: string, fault: (one: PieceFault) => void): Piece[] | null {
    let isWhole = true;
    const pieces = template.flatMap((part): Piece[] => {
      const texts = this.textsOf(part);
      if (texts.length === 0) isWhole = false;
      return texts.length < 2 || !isValuePart(part) ? texts : [this.joined(part, texts, file, fault)];
    });
    return isWhole ? pieces : null;
  }

  /** As `assemble`, with nothing in the place of what is empty. */
  assembleAll(template: Template, file: string, fault: (one: PieceFault) => void): Piece[] {
    return template.flatMap((part) => this.assemble([part], file, fault) ?? []);
  }

  /** The value of a template of one part, with its type: what a document holds. Undefined where it is empty. */
  typedOf(part: ValuePart): unknown {
    const { described, value } = this.find(part.name);
    if (described.type === 'boolean' && described.spelling === undefined) return isOff(described, value) ? undefined : value === true;
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) {
      return described.type === 'boolean' ? this.textsOf(part)[0]?.text : undefined;
    }
    if (!Array.isArray(value)) return this.typed(described, String(value), part.field);
    return (value as (string | Row)[]).map((item) =>
      typeof item === 'string' ? this.typed(described, item, part.field) : this.typedRow(described, item),
    );
  }

  /** Of a boolean; undefined where it does not apply. */
  truthOf(name: string): boolean | undefined {
    const { described, value } = this.find(name);
    return isOff(described, value) ? undefined : value === true;
  }

  private typedRow({ name, columns = [] }: Described, row: Row): Record<string, unknown> {
    const inside = this.at([{ parameter: name, value: row }], 0);
    const cells = columns.map(({ name: column }) => [column, inside.typedOf({ name: column })]);
    return Object.fromEntries(cells.filter(([, cell]) => cell !== undefined)) as Record<string, unknown>;
  }

  private typed(described: Described, value: string, field: FileField | undefined): unknown {
    if (isFile(described)) return this.partOf(value, field);
    const kind = described.type as string;
    const type = kind === 'list' ? described.items : kind;
    if (type === 'integer' || type === 'number') return parseNumber(value, type) ?? value;
    return this.written(described, value);
  }

  private find(name: string): Found {
    for (const { parameter: of, value } of this.currents) {
      const parameter = this.parameters.get(of);
      if (!parameter) continue;
      const column = typeof value === 'string' ? undefined : parameter.columns?.find((one) => one.name === name);
      if (column && typeof value !== 'string')
        return { described: column, value: cellOf(column, value), origin: this.origin(parameter, column) };
      if (of === name && typeof value === 'string') return { described: parameter, value, origin: this.origin(parameter, parameter) };
    }
    const described = this.parameters.get(name) ?? { name, type: 'string' };
    return { described, value: valueOf(described, own(this.values, name)), origin: { name, isFile: isFile(described), row: null } };
  }

  private origin(parameter: Described, of: Described): Origin {
    return { name: parameter.name, isFile: isFile(of), row: this.row };
  }

  private joined(part: ValuePart, texts: Piece[], file: string, fault: (one: PieceFault) => void): Piece {
    const separator = part.join ?? this.find(part.name).described.separator ?? SEPARATOR;
    for (const piece of texts) {
      if (piece.of && separator !== '' && piece.text.includes(separator)) {
        fault(refusal(piece, piece.of, file, text('rendering.separator', { separator })));
      }
    }
    return { text: texts.map((piece) => piece.text).join(separator), of: texts[0].of };
  }

  private written({ type }: Described, value: string): string {
    return type === 'output' ? `${this.places.outputFolder}/${value}` : value;
  }

  private partOf(reference: FileReference, field: FileField | undefined): string {
    if (field === undefined) return this.places.pathOf(reference);
    return filePart(nameOf(reference), field);
  }
}

export function isFile({ type }: Described): boolean {
  return type === 'file' || type === 'files';
}

/** `a.b.tif`: the stem `a.b`, the ending `.tif`; a name that begins with its only dot has no ending. */
export function filePart(name: string, field: FileField): string {
  const dot = name.lastIndexOf('.');
  const at = dot > 0 ? dot : name.length;
  return field === 'name' ? name : field === 'stem' ? name.slice(0, at) : name.slice(at);
}

/** The name under which a file was chosen, for programs: also what cannot be seen of it. Nobody may choose one that is no text. */
export function nameOf(reference: FileReference): string {
  try {
    return (
      parseEntryPath(reference.slice(reference.indexOf(':') + 1))
        .at(-1)
        ?.toString('utf8') ?? ''
    );
  } catch {
    return basename(reference);
  }
}

function textsOf(described: Described, value: Value): string[] {
  if (described.type === 'boolean') return isOff(described, value) ? [] : [spelled(described, value === true)];
  if (value === undefined || value === '') return [];
  return (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'object' || one === '' ? [] : [String(one)]));
}

/** Where it does not apply it is neither on nor off. */
function isOff({ when }: Described, value: Value): boolean {
  return value === undefined && when !== undefined;
}

export function spelled({ spelling }: Pick<Described, 'spelling'>, value: boolean): string {
  return spelling ? spelling[value ? 'true' : 'false'] : String(value);
}

/** A constant has its value though nobody entered it. */
function valueOf(described: Described, value: Value): Value {
  const isConstant = (described.type as string) === 'constant';
  return value === undefined && isConstant ? (described as { default?: string }).default : value;
}

/** Cells are text: a box that is ticked is the text `true`. */
function cellOf({ name, type }: Described, row: Row): Value {
  const cell = Object.hasOwn(row, name) ? row[name] : undefined;
  return type === 'boolean' && cell !== undefined ? cell === 'true' : cell;
}

function own(values: ParameterValues, name: string): Value {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
