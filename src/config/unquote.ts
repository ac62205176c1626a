/**
 * Removes a closing quote together with an optional opening one, as MHA does (they need not match), but once:
 * MHA repeats it on each level of inheritance, so that `"p""` in the defaults ends as `p` there and as `p"` here.
 */
export function unquote(text: string): string {
  return text.replace(/^["']?(.*)["']$/, '$1');
}
