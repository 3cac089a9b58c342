/** What the form of a pipeline adds to itself, as far as it has fields for it: names that are searched for, and tables. All of it works without, too. */
import { keepFilledAddress } from './form/filled-address.js';
import { tellChange } from './form/words.js';

if (document.querySelector('[data-pick]')) void import('./form/name-picker.js').then(({ startNamePickers }) => startNamePickers());
if (document.querySelector('[data-search-files]')) void import('./form/file-search.js').then(({ startFileSearch }) => startFileSearch());
if (document.querySelector('[data-table]')) void import('./form/entry-table.js').then(({ startEntryTables }) => startEntryTables());

keepFilledAddress();

// `[data-tick-all]` ticks the boxes of its field, `[data-tick-all="next"]` those that stand right behind it.
document.addEventListener('click', ({ target }) => {
  const button = (target as Element).closest<HTMLElement>('[data-tick-all]');
  const within = button?.dataset['tickAll'] === 'next' ? button.parentElement?.nextElementSibling : button?.closest('fieldset');
  const boxes = within?.querySelectorAll<HTMLInputElement>('[type="checkbox"]');
  if (!boxes?.[0]) return;
  const isOn = [...boxes].some(({ checked }) => !checked);
  for (const box of boxes) box.checked = isOn;
  tellChange(boxes[0]);
});
