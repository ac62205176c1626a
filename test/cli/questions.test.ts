import { describe, expect, it } from 'vitest';
import type { Dialogue } from '../../src/cli/dialogue.js';
import { askingOf, MhaQuestions } from '../../src/cli/questions.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

function asked(...answers: readonly (string | undefined)[]): { questions: MhaQuestions; heard: string[] } {
  const left = [...answers];
  const heard: string[] = [];
  const dialogue: Dialogue = {
    ask: (question) => {
      heard.push(question);
      return Promise.resolve(left.shift());
    },
    close: () => undefined,
  };
  const settings = clusterSettings(['a', 'b', 'c'].map((name) => serverSettings(name)));
  return { questions: new MhaQuestions(settings, dialogue, new AbortController().signal), heard };
}

const declined = { code: 'DECLINED' };

describe('MHA’s questions', () => {
  it.each(['y', 'yes', 'YES ', 'yep'])('%j is yes', async (answer) => {
    await asked(answer).questions.proceedWithDead(id('a'));
  });

  it.each(['', 'n', 'no', 'ok', ' ', undefined])('%j is no', async (answer) => {
    await expect(asked(answer).questions.proceedWithDead(id('a'))).rejects.toMatchObject(declined);
  });

  it('names servers as MHA does', async () => {
    const { questions, heard } = asked('y');
    await questions.proceedWithDead(id('a'));
    expect(heard).toEqual([expect.stringMatching(/^Master a\(\S+:3306\) is dead\. Proceed\? \(yes\/NO\): $/)]);
  });

  it.each([
    [
      'a source that is dead at the start',
      'startWithDeadSource',
      /^Master is not currently alive\. Proceed\? \(yes\/NO\): $/,
    ],
    [
      'a switch without a script',
      'goOnWithoutScript',
      /^master_ip_online_change_script is not defined\..* \(yes\/NO\): $/,
    ],
  ] as const)('%s: go on only when told so', async (_what, question, words) => {
    const { questions, heard } = asked('yes');
    await questions[question]();
    expect(heard).toEqual([expect.stringMatching(words)]);
    await expect(asked('').questions[question]()).rejects.toMatchObject(declined);
  });

  it.each<[string, readonly (string | undefined)[], string | undefined]>([
    ['the proposed one', ['yes'], 'b'],
    ['another one', ['no', 'yes', 'c', 'yes'], 'c'],
    ['none', ['no', 'no'], undefined],
    ['another one that is not meant after all', ['no', 'yes', 'c', 'no'], undefined],
    ['nobody to answer', [undefined], undefined],
  ])('the new source: %s', async (_what, answers, chosen) => {
    const answer = asked(...answers).questions.newSource(id('a'), id('b'));
    if (chosen === undefined) await expect(answer).rejects.toMatchObject(declined);
    else expect(await answer).toBe(id(chosen));
  });

  it('the new source: one that there is not is asked for again, and ends nothing', async () => {
    const { questions, heard } = asked('no', 'yes', 'nobody.invalid', 'yes', 'c', 'yes');
    expect(await questions.newSource(id('a'), id('b'))).toBe(id('c'));
    expect(heard[3]).toMatch(/^.*nobody\.invalid.*c:3306\nContinue\? \(yes\/NO\): $/);
    const end = asked('no', 'yes', 'nobody.invalid', undefined).questions.newSource(id('a'), id('b'));
    await expect(end).rejects.toMatchObject(declined);
  });

  it.each([
    ['', true],
    ['YES', true],
    ['no', false],
  ])('tables are flushed unless somebody says no (%j)', async (answer, flush) => {
    expect(await asked(answer).questions.flushTables(id('a'))).toBe(flush);
  });
});

describe('who is asked', () => {
  it.each([
    [{ yes: true, 'ask-as-mha': true }, 'never'],
    [{ yes: false, interactive: 0, 'ask-as-mha': true }, 'never'],
    [{ yes: false, interactive: 1, 'ask-as-mha': true }, 'as-mha'],
    [{ yes: false, interactive: 1, 'ask-as-mha': false }, 'once'],
    [{ yes: false, 'ask-as-mha': false }, 'once'],
  ] as const)('%j: %s', (flags, asking) => {
    expect(askingOf(flags)).toBe(asking);
  });
});
