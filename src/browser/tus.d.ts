/** The part of tus-js-client that is used; the build puts its file beside ours. */
import type { Upload as TusUpload } from 'tus-js-client';

export declare const Upload: typeof TusUpload;
