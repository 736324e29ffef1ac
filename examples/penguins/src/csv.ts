// Comma-separated values as RFC 4180 writes them, but with LF: the same table must be the same bytes on every machine, since a
// dataset version is known by its hash.

/** A table: the names of its columns, and as many cells in each row. */
export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Writes a table; cells with a comma, a quote or a line break are quoted. Throws where a row is longer or shorter than the header. */
export function writeCsv({ columns, rows }: Table): string {
  const width = columns.length;
  const ragged = rows.findIndex((row) => row.length !== width);
  if (ragged >= 0) throw new Error(`Row ${ragged + 1} has ${rows[ragged]?.length ?? 0} cells where the header has ${width}.`);
  return [columns, ...rows].map((row) => `${row.map(writeCell).join(',')}\n`).join('');
}

function writeCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Reads what `writeCsv` writes. Throws with the row's number where the text is not such a table. */
export function readCsv(text: string): Table {
  // A cell is quoted or plain, and ends at a comma or at the end of its line.
  const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/y;
  const rows: string[][] = [[]];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`Row ${rows.length} is broken at character ${at + 1}: ${JSON.stringify(text.slice(at, at + 20))}.`);
    const [, quoted, plain, end] = match;
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\n') rows.push([]);
  }
  if (rows.pop()?.length !== 0) throw new Error('The last row does not end with a line break.');
  const [columns, ...body] = rows;
  if (columns === undefined) throw new Error('There is no header.');
  const ragged = body.findIndex((row) => row.length !== columns.length);
  if (ragged >= 0) throw new Error(`Row ${ragged + 1} has ${body[ragged]?.length ?? 0} cells where the header has ${columns.length}.`);
  return { columns, rows: body };
}
