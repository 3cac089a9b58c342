import type { RequestHandler } from 'express';

/** Where the body is a part of a file, whatever its content type says. Forms about uploads are posted below one. */
const UPLOADS = /^(\/api\/v1)?\/projects\/[^/]+\/uploads\/?$/i;
const ONE_UPLOAD = /^(\/api\/v1)?\/projects\/[^/]+\/uploads\/[^/]+\/?$/i;

/** A body parser that leaves resumable uploads alone: their handlers read the stream. */
export function exceptUploads(parser: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const isPart = UPLOADS.test(request.path) || (request.method !== 'POST' && ONE_UPLOAD.test(request.path));
    return isPart ? next() : parser(request, response, next);
  };
}
