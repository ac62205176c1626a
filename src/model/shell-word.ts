/** One word for a POSIX shell, whatever the text holds: quotes keep everything but the quote itself literal. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
