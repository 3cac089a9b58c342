import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Entered, ParameterCheck } from '../../common/pipelines/parameters';
import type { FieldOffer } from './field.view';
import type { FormSurroundings } from './form-surroundings';
import { tableView } from './table.view';

/** What is said of tables, by their names, beside what is wrong with them. */
export interface TableRemarks {
  /** Empty rows that somebody asked for. */
  blank: Readonly<Record<string, number>>;
  notes: Readonly<Record<string, string>>;
}

export const NO_REMARKS: TableRemarks = { blank: {}, notes: {} };

/** Looks up what the fields of a form offer beside files, by name. */
export async function fieldOffers(
  { parameters }: Pick<Manifest, 'parameters'>,
  check: ParameterCheck,
  remarks: TableRemarks,
  around: FormSurroundings,
): Promise<Map<string, FieldOffer>> {
  const offers = new Map<string, FieldOffer>();
  for (const parameter of parameters) {
    const offer = await offerFor(parameter, check.entered, around);
    if (parameter.type === 'table') {
      const { name } = parameter;
      const state = {
        entry: check.entered[name] ?? [],
        entered: check.entered,
        // Rows of which something is missing are often made of files, so nobody has seen them yet: they are told of at once.
        errors: check.cells[name] ?? {},
        blank: remarks.blank[name],
        note: remarks.notes[name] ?? '',
      };
      offer.table = await tableView(parameter, state, around);
    }
    offers.set(parameter.name, offer);
  }
  return offers;
}

async function offerFor(parameter: Parameter, entered: Entered, around: FormSurroundings): Promise<FieldOffer> {
  if (parameter.type === 'run') return { runs: await around.runsFor(parameter) };
  if (parameter.type !== 'pick') return {};
  return { names: await around.names(parameter.from, entered), runField: around.runFieldOf(parameter.from) };
}
