import type { Response } from 'express';
import { DomainError, InvalidInputError } from '../../common/errors';

/** A submitted form as it arrives: repeated and nested names make lists and objects of any shape. */
export type SubmittedForm = Record<string, unknown>;

/** Sentences by the name of the field to which they belong; `form` for those of the whole form. */
export type FormErrors = Record<string, string>;

/** The text of one field; '' when it is missing, or when somebody sent a list or an object instead. */
export function fieldText(form: unknown, name: string): string {
  if (typeof form !== 'object' || form === null || !Object.hasOwn(form, name)) return '';
  const value = (form as SubmittedForm)[name];
  return typeof value === 'string' ? value : '';
}

/** All texts of a field that may be repeated; what is no text is left out. */
export function fieldTexts(form: unknown, name: string): string[] {
  if (typeof form !== 'object' || form === null || !Object.hasOwn(form, name)) return [];
  const value = (form as SubmittedForm)[name];
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((one) => typeof one === 'string');
}

/** Whether a form has a field, empty or not. */
export function hasField(form: unknown, name: string): boolean {
  return typeof form === 'object' && form !== null && Object.hasOwn(form, name);
}

/** Runs a check and notes what it throws beside its field; the value, or undefined. Errors that are no input errors go on. */
export function checkField<Value>(errors: FormErrors, check: () => Value): Value | undefined {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    errors[error.field ?? 'form'] = error.message;
    return undefined;
  }
}

/** Shows a form again with what was entered and what is wrong with it. */
export function showAgain(response: Response, view: string, model: object, errors: FormErrors, status = 422): void {
  response.status(status).render(view, { ...model, errors, errorCount: Object.keys(errors).length });
}

/** A refusal as an error of the whole form or of its field; anything else is thrown on. */
export function asFormErrors(error: unknown): FormErrors {
  if (error instanceof InvalidInputError) return { [error.field ?? 'form']: error.message };
  if (error instanceof DomainError) return { form: error.message };
  throw error;
}
