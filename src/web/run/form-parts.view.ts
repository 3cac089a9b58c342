import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Section } from '../../common/pipelines/rich-parameters';
import type { FieldView } from './field.view';

/** A part of the form: the fields of one section, or those before all sections. */
export interface FormPart {
  /** '' for the fields that stand in no section. */
  id: string;
  title: string;
  help: string;
  isOpen: boolean;
  /** Of all its fields. */
  count: number;
  fields: FieldView[];
  advanced: FieldView[];
  /** Advanced fields are unfolded where one of them is wrong. */
  advancedOpen: boolean;
}

const FIRST: Section = { id: '', title: '', help: '', collapsed: false };

/** @param fields as the parameters of the manifest, without those that are never shown. */
export function formParts(
  { sections = [] }: Pick<Manifest, 'sections'>,
  shown: readonly Parameter[],
  fields: readonly FieldView[],
): FormPart[] {
  return [FIRST, ...sections].flatMap((section) => {
    const own = shown.flatMap((parameter, index) => {
      const field = fields[index];
      if (!field || (parameter.section ?? '') !== section.id) return [];
      // What a whole section hangs on is nothing particular of one of its fields.
      return [{ parameter, field: { ...field, isConditional: field.isConditional && parameter.when !== section.when } }];
    });
    if (own.length === 0) return [];
    const advanced = own.filter(({ parameter }) => parameter.advanced).map(({ field }) => field);
    const { id, title, help, collapsed } = section;
    const isOpen = !collapsed || own.some(({ field }) => needsAttention(field));
    const plain = own.filter(({ parameter }) => !parameter.advanced).map(({ field }) => field);
    return [{ id, title, help, isOpen, count: own.length, fields: plain, advanced, advancedOpen: advanced.some(needsAttention) }];
  });
}

function needsAttention({ isWrong, ruleWarning }: FieldView): boolean {
  return isWrong || ruleWarning !== undefined;
}
