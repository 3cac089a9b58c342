/** Loaded by the page of a project. Its forms work without it; here uploads show their progress and files are selected with a count. */
import { startSelection } from './file-selection.js';
import { startFileTasks } from './file-tasks.js';
import { startUploads } from './uploads.js';

startSelection();
startUploads();
startFileTasks();
