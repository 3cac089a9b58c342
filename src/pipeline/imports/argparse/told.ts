import { z } from 'zod';

/** What `read_argparse.py` tells of a script. The script may be anybody's, so nothing of it is believed unchecked. */

/** `value`: a literal. `computed`: its source. `special`: `suppress`, `stdin`, `stdout`, `stderr`. */
const literal = z.object({ value: z.unknown().optional(), computed: z.string().optional(), special: z.string().optional() });

const argument = z.object({
  parser: z.int(),
  group: literal.nullable(),
  exclusive: z.int().nullable(),
  line: z.int(),
  flags: z.array(z.string()),
  guessed: z.boolean(),
  type: z.object({ name: z.string(), mode: z.string().nullish(), source: z.string().optional() }),
  action: z.object({ name: z.string(), source: z.string().optional() }),
  default: literal.optional(),
  choices: literal.optional(),
  nargs: literal.optional(),
  required: literal.optional(),
  help: literal.optional(),
  metavar: literal.optional(),
  dest: literal.optional(),
  const: literal.optional(),
  version: literal.optional(),
});

const parser = z.object({
  id: z.int(),
  command: z.string().nullable(),
  parent: z.boolean().optional(),
  prog: literal.optional(),
  description: literal.optional(),
  epilog: literal.optional(),
  usage: literal.optional(),
  help: literal.optional(),
  prefix_chars: literal.optional(),
  fromfile_prefix_chars: literal.optional(),
  argument_default: literal.optional(),
  defaults: z.array(z.tuple([z.string(), literal])).optional(),
});

const subparsers = z.object({
  id: z.int(),
  parser: z.int(),
  commands: z.array(z.object({ name: z.string(), parser: z.int() })),
  dest: literal.optional(),
  required: literal.optional(),
  title: literal.optional(),
  help: literal.optional(),
});

export const toldSchema = z.union([
  z.object({ error: z.string() }),
  z.object({
    parsers: z.array(parser),
    arguments: z.array(argument),
    subparsers: z.array(subparsers),
    exclusive: z.array(z.object({ id: z.int(), required: z.boolean() })),
    groups: z.array(z.object({ title: z.string(), description: z.string() })),
    notes: z.array(z.tuple([z.int(), z.string()])),
  }),
]);

export type Literal = z.output<typeof literal>;
export type ToldArgument = z.output<typeof argument>;
export type ToldParser = z.output<typeof parser>;
export type ToldSubparsers = z.output<typeof subparsers>;
export type Told = Extract<z.output<typeof toldSchema>, { parsers: unknown }>;

/** The text of a literal; undefined for what is computed or no text. */
export function textOf(literal: Literal | undefined): string | undefined {
  return typeof literal?.value === 'string' && literal.value.trim() !== '' ? literal.value : undefined;
}
