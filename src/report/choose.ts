export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Can a picture be drawn that changes in place? A build server shows every redraw as new lines, a terminal without a
 * width wraps at each character, a dumb one cannot move its cursor.
 */
export function canDraw({ isTTY, columns, env }: Screen): boolean {
  const ci = env['CI'];
  const isBuild = ci !== undefined && ci !== '' && ci !== '0' && ci !== 'false';
  return isTTY && columns !== undefined && columns > 0 && !isBuild && env['TERM'] !== 'dumb';
}
