/** What the form of a pipeline adds to itself, as far as it has fields for it: names that are searched for, and tables. All of it works without, too. */
if (document.querySelector('[data-pick]')) void import('./form/name-picker.js').then(({ startNamePickers }) => startNamePickers());
if (document.querySelector('[data-table]')) void import('./form/entry-table.js').then(({ startEntryTables }) => startEntryTables());
