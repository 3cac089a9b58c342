const TYPE = 'application/zip';

/** An archive, as routes describe it. */
export const ZIP = { type: TYPE, says: 'apiWork.zipAnswer' } as const;

/** Of archives that come again part by part: those whose every byte is known beforehand, which `Accept-Ranges` tells. */
export const ZIP_PART = {
  headers: { Range: 'apiWork.zipRange', 'If-Range': 'apiWork.ifRange', 'If-None-Match': 'api.ifNoneMatch' },
  others: {
    206: { type: TYPE, says: 'api.contentPart' },
    304: { type: TYPE, says: 'api.contentSame' },
    412: { type: TYPE, says: 'api.contentOther' },
    416: { type: TYPE, says: 'api.contentBeyond' },
  },
  answerHeaders: { ETag: 'api.etag', 'Accept-Ranges': 'apiWork.zipAcceptRanges' },
} as const;
