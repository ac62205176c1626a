import tseslint from 'typescript-eslint';

/** Names of Node's own modules that only the named rooms may open sockets, files or processes with. */
const sqlText =
  'Literal[value=/^(SHOW |CHANGE (MASTER|REPLICATION)|STOP (SLAVE|REPLICA)|START (SLAVE|REPLICA)|RESET |SET GLOBAL )/]';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'coverage/', 'test/fixtures/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      // A void arrow in a callback position is readable and common in event code.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Server rows and environment maps are index signatures on purpose: noPropertyAccessFromIndexSignature demands ['name'].
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the named file.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/mysql/**', 'src/sandbox/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the named file.' },
        { selector: sqlText, message: 'SQL text lives in src/mysql only.' },
      ],
    },
  },
  {
    // Scripts and programs that people run in a terminal print.
    files: ['src/sandbox/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
