/** What people can mend: told in one line, without a stack. */
export class InputError extends Error {}
