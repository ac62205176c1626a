// Counts what a test run came to and appends it to the file named by MHA_TS_COUNTS, for the closing line of `npm test`.
import { appendFileSync } from 'node:fs';

/** A whole group is skipped by a title that says why; a group whose preparation failed counts as a failure besides. */
function reasonInTitle(title) {
  return /\((?:skipped: |(?=needs ))([\s\S]*?)\)(?= > |$)/.exec(title)?.[1] ?? 'what it needs could not be prepared';
}

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const { state, note } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') counts.failed++;
        else counts.skipped.push({ name: test.fullName, reason: note ?? reasonInTitle(test.fullName) });
      }
      // A file that does not load has no tests; its error counts as one failure.
      counts.failed += module.errors().length;
      if (tests === 0 && module.errors().length === 0) counts.failed++;
    }
    if (process.env.MHA_TS_COUNTS) appendFileSync(process.env.MHA_TS_COUNTS, `${JSON.stringify(counts)}\n`);
  }
}
