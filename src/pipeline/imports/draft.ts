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

export interface DraftColumn {
  name: string;
  /** In words: `text`, `file`, `whole number`. */
  kind: string;
  required: boolean;
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
  default?: string | number | boolean;
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
  /** Of `list` and `choices`. */
  items?: { kind: 'string' | 'integer' | 'number'; least?: number; most?: number; unique?: boolean; separator: string };
  /** How several values reach the program: joined in one argument, each with its flag, or one after the other. */
  many?: 'join' | 'repeat' | 'each';
  columns?: DraftColumn[];
  when?: string;
  requiredWhen?: string;
}

/** One part of the command line, in its place. */
export type DraftArgument =
  | { literal: string }
  | { field: DraftField; flag: string | null; style: 'bare' | 'equals' | 'separate' }
  | { boolean: DraftField; whenTrue: string | null; whenFalse: string | null }
  | { outputFolder: true; flag: string | null; style: 'bare' | 'equals' | 'separate' };

export interface DraftRule {
  check: string;
  message: string;
  at: string;
}

export interface Draft {
  title: string;
  summary: string;
  version: string;
  command: string[];
  env: Record<string, string>;
  fields: DraftField[];
  rules: DraftRule[];
  arguments: DraftArgument[];
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
    rules: [],
    arguments: [],
    outputs: [],
    progress: null,
    icon: 'player-play',
    files: [],
  };
}
