// Comma-separated values as RFC 4180 writes them: what pandas, DuckDB and spreadsheets read alike.

/** Lines of cells, each line ended by CRLF; a cell is quoted where it must be. */
export function csvOf(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

function cellOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
