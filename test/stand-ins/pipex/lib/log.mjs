/** Day, month, year and time, as PIPEX writes them. */
export function now() {
  const date = new Date();
  const two = (value) => String(value).padStart(2, '0');
  const day = `${two(date.getDate())}/${two(date.getMonth() + 1)}/${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** One line of the log. */
export function tell(...words) {
  process.stdout.write(`>>> ${words.join(' ')}\n`);
}
