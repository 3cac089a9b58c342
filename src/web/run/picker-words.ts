import { text } from '../../locales/text';

/** What scripts of the form say: `src/browser/run-form.ts` reads it. Values in braces are filled in there. */
export const pickerWords = () => ({
  found: text('run.namesFound'),
  foundAll: text('run.namesFoundAll'),
  none: text('run.namesNone'),
  filesFound: text('run.filesFound'),
  filesFoundAll: text('run.filesFoundAll'),
  filesNone: text('run.filesNone'),
  fileAdded: text('run.fileAdded'),
  remove: text('run.nameRemove'),
  added: text('run.nameAdded'),
  removed: text('run.nameRemoved'),
  severalAdded: text('run.namesAdded'),
  search: text('run.namesSearch'),
  more: text('run.namesMore'),
  away: text('run.namesAway'),
  cell: text('run.cellLabel'),
  pasted: text('run.rowsPasted'),
  tooMany: text('run.rowsTooMany'),
  unknownCells: text('run.cellsUnknown'),
  rowRemoved: text('run.rowRemoved'),
  settingsOne: text('run.settingsCount', { count: 1 }),
  settingsMany: text('run.settingsCount', { count: '{count}' }),
});

export type PickerWords = ReturnType<typeof pickerWords>;
