/**
 * A pipeline as foreign formats describe it, in words that all of them share. Whoever reads a format fills it in and loses nothing that
 * these words can say; `mapping.ts` alone knows which of them a manifest can say today.
 */

/** `choices`: several of the options. `list`: several typed values. `directory`: a folder of the machine. `secret`: must not be seen. */
export type DraftKind =
  | 'string'
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'list'
  | 'file'
  | 'files'
  | 'directory'
  | 'output'
  | 'table'
  | 'secret';

export interface DraftOption {
  value: string;
  label?: string;
}

/** A column of a table: a field, and what stands at the top of the file. */
export interface DraftColumn {
  header: string;
  field: DraftField;
}

export interface DraftField {
  /** As the format has it; the report names it so. */
  origin: string;
  /** Name of the parameter, given by `Names`. */
  id: string;
  kind: DraftKind;
  label?: string;
  help?: string;
  /** Long help, folded away where that is possible. */
  helpLong?: string;
  /** Title of the group that it stands in. */
  section?: string;
  advanced?: boolean;
  required: boolean;
  /** A list of `list` and `choices`. */
  default?: string | number | boolean | string[];
  placeholder?: string;
  examples?: string[];
  pattern?: string;
  patternMessage?: string;
  maxLength?: number;
  min?: number;
  max?: number;
  step?: number;
  options?: DraftOption[];
  /** Endings of files. */
  accept?: string[];
  /** Of `output`: the ending that its name gets. */
  extension?: string;
  /** Of a column: no two rows may have the same. */
  unique?: boolean;
  /** Of `list`, `choices` and `files`; `separator` where they are joined. */
  items?: { kind: 'string' | 'integer' | 'number'; least?: number; most?: number; unique?: boolean; separator: string };
  /** How several values reach the program: joined in one argument, each with its flag, or one after the other. */
  many?: 'join' | 'repeat' | 'each';
  /** Of `table`. */
  columns?: DraftColumn[];
  leastRows?: number;
  mostRows?: number;
  when?: string;
  requiredWhen?: string;
}

/** One part of the command line, in its place. */
export type DraftArgument =
  | { literal: string }
  /** `join`: several values as one argument, whatever the field says. */
  | { field: DraftField; flag: string | null; style: 'bare' | 'equals' | 'separate'; join?: string }
  | { boolean: DraftField; whenTrue: string | null; whenFalse: string | null }
  | { outputFolder: true; flag: string | null; style: 'bare' | 'equals' | 'separate' };

export interface DraftRule {
  check: string;
  message: string;
  at: string;
}

/** A file that is written for the program: one document of values, or a table with its columns. */
export type DraftFile =
  { path: string; format: 'json'; value: Record<string, unknown> } | { path: string; format: 'rows'; field: DraftField; delimiter: string };

export interface Draft {
  title: string;
  summary: string;
  version: string;
  command: string[];
  env: Record<string, string>;
  fields: DraftField[];
  /** What is said of groups, by their title. */
  sectionHelp: Map<string, string>;
  rules: DraftRule[];
  arguments: DraftArgument[];
  /** Written before each run. */
  written: DraftFile[];
  outputs: { glob: string; kind: 'image' | 'table' | 'text' | 'download'; title?: string }[];
  progress: string | null;
  icon: string;
  /** Files that are copied into the folder of the pipeline: name there, content. */
  files: { name: string; content: Buffer }[];
}

export function emptyDraft(): Draft {
  return {
    title: '',
    summary: '',
    version: '',
    command: [],
    env: {},
    fields: [],
    sectionHelp: new Map(),
    rules: [],
    arguments: [],
    written: [],
    outputs: [],
    progress: null,
    icon: 'player-play',
    files: [],
  };
}
