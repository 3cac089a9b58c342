/** Fields of parameters are named apart from those of the form itself. */
export const FIELD_PREFIX = 'p.';
