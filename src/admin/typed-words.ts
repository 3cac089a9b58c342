import type { INestApplicationContext } from '@nestjs/common';
import { StartupError } from '../common/errors';
import { EXIT_USAGE } from '../common/exit-status';

/** One command with its words; gives the text to print. */
export type Command = (context: Pick<INestApplicationContext, 'get'>) => Promise<string>;

/** What was typed behind the name of a command. */
export interface Typed {
  name: string;
  /** Without options. */
  words: string[];
  /** With what was typed behind them; '' for nothing. */
  options: ReadonlyMap<string, string>;
}

export interface Rule {
  /** Options that it knows. */
  options: readonly string[];
  /** Of those options the ones that take the next word with them. */
  valued?: readonly string[];
  /** @throws StartupError that says what is wrong. */
  parse: (typed: Typed) => Command;
}

/** @returns null for what is no number of a run, a mail or the like. */
export function runNumber(word: string | undefined): number | null {
  const number = /^#?([1-9]\d{0,8})$/.exec(word ?? '')?.[1];
  return number === undefined ? null : Number(number);
}

/** @param sentence what is wrong with the words. */
export function misuse(sentence: string): StartupError {
  return new StartupError(`${sentence} "node dist/admin --help" explains the commands.`, EXIT_USAGE);
}
