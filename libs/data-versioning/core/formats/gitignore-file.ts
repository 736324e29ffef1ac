// Upkeep of `.gitignore`: what DVC tracks is kept out of Git by a line `/name` in the file beside it. Names with characters that mean something in a pattern are escaped,
// names that no line can hold are refused or matched by "?" (a newline), and a file keeps its line ends and everything else that people wrote.

/** The line for an entry of the folder that the file stands in. A newline cannot be written: "?" stands for it, which matches a few more names than that one. */
export function gitignoreLine(name: string): string {
  const body = name.replace(/[\\[\]!*#?]/g, '\\$&').replace(/[\r\n]/g, '?');
  // A blank at the end is dropped unless it is escaped; a tab there can only be written as a range.
  return `/${body.replace(/[ \t]+$/, (blanks) => [...blanks].map((blank) => (blank === ' ' ? '\\ ' : '[\t]')).join(''))}`;
}

/** The file with a line more; the same text where it is there already. */
export function addGitignoreLine(content: string, line: string): string {
  if (content.split(/\r?\n/).includes(line)) return content;
  const end = /\r\n/.test(content) && !/[^\r]\n/.test(content) ? '\r\n' : '\n';
  const prefix = content === '' || content.endsWith('\n') ? '' : end;
  return `${content}${prefix}${line}${end}`;
}

/** The file without an entry's lines, escaped or as DVC writes them; null where nothing would be left. */
export function removeGitignoreLine(content: string, name: string): string | null {
  const wanted = new Set([gitignoreLine(name), `/${name}`, `/${name.replace(/[\\[\]!*#?]/g, '\\$&')}`]);
  const kept = content.split(/(?<=\n)/).filter((line) => !wanted.has(line.replace(/\r?\n$/, '')));
  return kept.length === 0 ? null : kept.join('');
}
