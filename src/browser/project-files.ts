/** Loaded by the page of a project. Its forms work without it; here the list of files works in place, with keys, and uploads show progress. */
import { startFileDrag } from './file-drag.js';
import { startFilter } from './file-filter.js';
import { startFileForms } from './file-forms.js';
import { startFileKeys } from './file-keys.js';
import { startFileTasks } from './file-tasks.js';
import { startSelection } from './file-selection.js';
import { startUploads } from './uploads/upload-panel.js';

startSelection();
startFileForms();
startFileKeys();
startFilter();
startFileDrag();
startUploads();
startFileTasks();
