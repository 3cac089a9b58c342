import type { Parameter } from './manifest';

/** Cells of one row of a table by column, as text; a list of names where several are picked. Empty cells are absent. */
export type Row = Record<string, string | string[]>;

export interface Option {
  value: string;
  label: string;
}

/** Parameters whose value is more than one line of text, or comes out of something that has to be looked up. */
export type RichParameter =
  /** Several of the options. */
  | { type: 'choices'; default: string[]; options: Option[]; minItems: number; maxItems: number }
  /** Several texts or numbers, typed one after the other. */
  | ({ type: 'list'; default: string[]; unit: string; minItems: number; maxItems: number; unique: boolean } & ListItems)
  /** One name out of a source, or several. */
  | {
      type: 'pick';
      /** Name of the source. */
      from: string;
      many: boolean;
      /** Whether names that the source does not have are taken, too. */
      allowOther: boolean;
      default: string[];
      pattern: string | null;
      patternMessage: string | null;
      minItems: number;
      maxItems: number;
    }
  | {
      type: 'table';
      columns: Column[];
      minRows: number;
      maxRows: number;
      /** How rows are made of files of the project; null: only by hand. */
      fill: TableFill | null;
    }
  /** Number of an earlier run of the project. */
  | {
      type: 'run';
      /** Ids of pipelines; empty: the one that the form is of. */
      pipelines: string[];
    }
  /** Never shown. */
  | { type: 'constant'; default: string };

interface ListItems {
  items: 'string' | 'integer' | 'number';
  pattern: string | null;
  patternMessage: string | null;
  min: number | null;
  max: number | null;
}

export const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean', 'choice', 'file', 'pick'] as const;

/** A column is a parameter that has a value in each row. */
export type Column = Extract<Parameter, { type: (typeof COLUMN_TYPES)[number] }> & {
  /** Whether no two rows may have the same. */
  unique?: boolean;
};

export interface TableFill {
  source: string;
  /** By column: the group of the source that fills it. */
  columns: Record<string, string>;
}

/** Where names to pick from, or rows of a table, come from. */
export type Source =
  | {
      kind: 'files';
      /** Regular expression with named groups, for the whole name of a file. */
      files: string;
      /** Folder of the project; '': all of it. */
      folder: string;
      /** The group whose values are the names. */
      group: string | null;
      /** Files with the same value of this group make one row … */
      rowsBy: string | null;
      /** … in which the value of this one says for which column each is. */
      columnsBy: string | null;
    }
  /** A text file in the folder of the pipeline with one name a line. */
  /** `whenMissing`: what is said where the file is not there; absent: then it is a fault. */
  | { kind: 'list'; list: string; whenMissing?: string }
  /** The names in the first line of a delimited file. */
  | {
      kind: 'columnsOf';
      /** Glob of the file: in the project, or among the results of a run. */
      columnsOf: string;
      /** Name of the parameter of the type `run` that chooses the run; null: in the project. */
      run: string | null;
    };

/** A part of the form with a heading of its own. */
export interface Section {
  id: string;
  title: string;
  help: string;
  /** Whether it is folded until somebody opens it. */
  collapsed: boolean;
  /** Expression: its parameters apply only where it holds. Absent: always. */
  when?: string;
}

/** The group that stands for the file itself in a source whose rows are single files. */
export const FILE_GROUP = 'file';
