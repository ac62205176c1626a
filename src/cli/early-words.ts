/**
 * What is said before anybody knows where the log is: warnings of the command line and of the configuration file. They are on
 * stderr at once, and belong into manager_log as well, as with MHA.
 */
const words: string[] = [];

export function sayEarly(text: string): void {
  process.stderr.write(`${text}\n`);
  words.push(text);
}

/** Everything said so, once. */
export function takeEarlyWords(): readonly string[] {
  return words.splice(0);
}
