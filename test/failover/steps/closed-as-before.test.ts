import { expect, it } from 'vitest';
import { asClosedAsBefore } from '../../../src/failover/steps/promote.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { mariadb1011, mysql97, serverState } from '../../support/picture.js';

const strict = 'SET GLOBAL super_read_only=?';
const normal = 'SET GLOBAL read_only=?';

it.each([
  ['MySQL, open', mysql97, { readOnly: false, superReadOnly: false }, [strict, normal]],
  ['MySQL, closed for ordinary accounts', mysql97, { readOnly: true, superReadOnly: false }, [strict]],
  ['MySQL, closed for everybody', mysql97, { readOnly: true, superReadOnly: true }, []],
  ['MariaDB, open', mariadb1011, { readOnly: false }, [normal]],
  ['MariaDB, closed', mariadb1011, { readOnly: true }, []],
])('%s', (_, version, closed, expected) => {
  const statements = asClosedAsBefore(serverState('b', { version, ...closed }), chooseDialect(version));
  expect(statements.map(({ text }) => text)).toEqual(expected);
  expect(statements.flatMap(({ values }) => values).every((value) => value === 0)).toBe(true);
});
