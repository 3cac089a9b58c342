import { InvalidInputError } from '../../../common/errors';

/** Names the field of what is wrong as the request names it. @param field path in its JSON. */
export async function inField<Value>(field: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new InvalidInputError(error.key, error.values, field);
    throw error;
  }
}
