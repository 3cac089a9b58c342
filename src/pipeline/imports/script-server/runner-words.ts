/** Words of a script-server runner that are understood. */

const IPV4 = '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** As much as a pattern can hold without looking around: eight groups, or fewer around one `::`. */
const IPV6 =
  '(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?';

const ip4 = { pattern: IPV4, patternMessage: 'Write an address such as 192.0.2.1.' };
const ip6 = { pattern: IPV6, patternMessage: 'Write an address such as 2001:db8::1.' };

export const IP_PATTERNS: Record<string, { pattern: string; patternMessage: string }> = {
  ip: { pattern: `${IPV4}|${IPV6}`, patternMessage: 'Write an address such as 192.0.2.1 or 2001:db8::1.' },
  ip4,
  ipv4: ip4,
  ip6,
  ipv6: ip6,
};

/** What a parameter may say and is read. */
export const READ_OF_PARAMETERS = new Set([
  'name',
  'type',
  'no_value',
  'param',
  'same_arg_param',
  'pass_as',
  'stdin_expected_text',
  'env_var',
  'required',
  'default',
  'constant',
  'description',
  'secure',
  'values',
  'values_ui_mapping',
  'min',
  'max',
  'max_length',
  'regex',
  'multiselect_argument_type',
  'separator',
  'file_dir',
  'file_recursive',
  'file_type',
  'file_extensions',
  'excluded_files',
  'ui',
]);
