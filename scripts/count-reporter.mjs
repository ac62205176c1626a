// Counts what a test run came to and appends it to the file named by MHA_TS_COUNTS, for the closing lines of `npm test`.
import { appendFileSync } from 'node:fs';

/** A whole group is skipped by a title that says why; a group whose preparation failed counts as a failure besides. */
function reasonInTitle(title) {
  return /\((?:skipped: |(?=needs ))([\s\S]*?)\)(?= > |$)/.exec(title)?.[1] ?? 'what it needs could not be prepared';
}

function firstWords({ message }) {
  return message.split('\n', 1)[0].slice(0, 300);
}

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: 0, skipped: [], failures: [] };
    const fail = (where, errors) => {
      counts.failed++;
      counts.failures.push(`${where}: ${errors.map(firstWords).join('; ') || 'no reason given'}`);
    };
    for (const error of unhandledErrors) fail('outside of any test', [error]);
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const { state, note, errors } = test.result();
        if (state === 'passed') counts.passed++;
        else if (state === 'failed') fail(`${module.relativeModuleId} > ${test.fullName}`, errors);
        else counts.skipped.push({ name: test.fullName, reason: note ?? reasonInTitle(test.fullName) });
      }
      // A file that does not load has no tests; its error counts as one failure.
      for (const error of module.errors()) fail(module.relativeModuleId, [error]);
      if (tests === 0 && module.errors().length === 0) fail(module.relativeModuleId, [{ message: 'it has no test' }]);
    }
    if (process.env.MHA_TS_COUNTS) appendFileSync(process.env.MHA_TS_COUNTS, `${JSON.stringify(counts)}\n`);
  }
}
