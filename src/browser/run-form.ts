/** What the form of a pipeline adds to itself: names that are searched for, and tables. All of it works without, too. */
import { startEntryTables } from './form/entry-table.js';
import { startNamePickers } from './form/name-picker.js';

startNamePickers();
startEntryTables();
