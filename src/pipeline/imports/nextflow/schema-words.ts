/** Words of a Nextflow schema that are understood. */

/** Standard formats of JSON Schema, as patterns for a whole text. */
export const FORMATS: Record<string, { pattern: string; message: string }> = {
  email: { pattern: '[^@\\s]+@[^@\\s]+\\.[^@\\s]+', message: 'Write an e-mail address.' },
  uri: { pattern: '[A-Za-z][A-Za-z0-9+.\\-]*:\\S+', message: 'Write an address such as https://example.org.' },
  date: { pattern: '\\d{4}-\\d{2}-\\d{2}', message: 'Write a date such as 2026-03-14.' },
  time: { pattern: '\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:Z|[+\\-]\\d{2}:\\d{2})?', message: 'Write a time such as 14:05:00.' },
  'date-time': {
    pattern: '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:Z|[+\\-]\\d{2}:\\d{2})?',
    message: 'Write a time such as 2026-03-14T14:05:00Z.',
  },
  uuid: { pattern: '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', message: 'Write a UUID.' },
  ipv4: { pattern: '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}', message: 'Write an address such as 192.0.2.1.' },
  hostname: { pattern: '[A-Za-z0-9](?:[A-Za-z0-9.\\-]*[A-Za-z0-9])?', message: 'Write the name of a host.' },
};

export const MIME_ENDINGS: Record<string, string[]> = {
  'text/csv': ['.csv'],
  'text/tab-separated-values': ['.tsv', '.txt'],
  'text/plain': ['.txt'],
  'text/yaml': ['.yaml', '.yml'],
  'application/yaml': ['.yaml', '.yml'],
  'application/json': ['.json'],
  'application/gzip': ['.gz'],
  'application/zip': ['.zip'],
  'image/tiff': ['.tif', '.tiff'],
  'image/png': ['.png'],
  'text/html': ['.html'],
  'application/pdf': ['.pdf'],
};

/** What a parameter may say and is read, or says nothing that could be lost. */
export const READ_OF_FIELDS = new Set([
  'type',
  'title',
  'description',
  'help_text',
  'errorMessage',
  'deprecated',
  'enum',
  'const',
  'fa_icon',
  'hidden',
  'default',
  'pattern',
  'minLength',
  'maxLength',
  'format',
  'exists',
  'mimetype',
  'schema',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'uniqueItems',
  'uniqueEntries',
  'minItems',
  'maxItems',
  'items',
  'properties',
  'required',
  'additionalProperties',
  '$comment',
  'examples',
]);
