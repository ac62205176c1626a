import { readFileSync } from 'node:fs';
import ts from 'typescript';

/**
 * The titles of a test file, read and not run: of tests and groups, and of their cases the first text or the one called
 * `name`, `what` or `step`.
 */
export function titlesIn(file: string): ReadonlySet<string> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022);
  const titles = new Set<string>();
  const keep = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) titles.add(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:it|test|describe)/.test(nameOf(node.expression))) keep(node.arguments[0]);
    if (ts.isArrayLiteralExpression(node)) keep(node.elements[0]);
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && /^(?:name|what|step)$/.test(node.name.text))
      keep(node.initializer);
    // Texts that are cases themselves: it.each(['a', 'b']).
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === 'each'
    )
      for (const cases of node.arguments) if (ts.isArrayLiteralExpression(cases)) cases.elements.forEach(keep);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** `it`, also of `it.each([...])` and `it.skipIf(x)`. */
function nameOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return nameOf(expression.expression);
  return '';
}
