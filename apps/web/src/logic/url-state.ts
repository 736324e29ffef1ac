// State that people share lives in the address: lists of keys, the order, the columns, the zoom. Keys may hold any character,
// commas too, so every item of a list is percent-encoded before it is joined.

/** A list in one parameter; empty where it is absent. */
export function readList(value: string | null): string[] {
  return value === null || value === '' ? [] : value.split(',').map(decodeItem);
}

/** Null where the list is empty, so that the parameter goes away. */
export function writeList(items: readonly string[]): string | null {
  return items.length === 0 ? null : items.map(encodeURIComponent).join(',');
}

function decodeItem(item: string): string {
  try {
    return decodeURIComponent(item);
  } catch {
    return item;
  }
}

/** Changes some parameters of a query string and keeps the others; null and '' take one away. */
export function patchQuery(query: string, patch: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(query);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === '') params.delete(key);
    else params.set(key, value);
  }
  // Commas and colons are legal in a query, and readable addresses are easier to share.
  return params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%40', '@');
}

/** A stretch of steps, both included. */
export interface Zoom {
  from: number;
  to: number;
}

export function readZoom(value: string | null): Zoom | null {
  const match = /^(-?\d{1,16})\.\.(-?\d{1,16})$/.exec(value ?? '');
  if (match === null) return null;
  const zoom = { from: Number(match[1]), to: Number(match[2]) };
  return zoom.from < zoom.to ? zoom : null;
}

export function writeZoom(zoom: Zoom | null): string | null {
  return zoom === null ? null : `${Math.floor(zoom.from)}..${Math.ceil(zoom.to)}`;
}

/** What a table of runs is ordered by. */
export interface Order {
  /** `started`, `name`, `state`, `duration` or a metric or param column. */
  column: string;
  descending: boolean;
}

/** `m:val_accuracy desc` and the like; newest first where nothing is asked. */
export function readOrder(value: string | null): Order {
  const match = /^(.+) (asc|desc)$/s.exec(value ?? '');
  return match?.[1] === undefined ? { column: 'started', descending: true } : { column: match[1], descending: match[2] === 'desc' };
}

export function writeOrder(order: Order): string | null {
  return order.column === 'started' && order.descending ? null : `${order.column} ${order.descending ? 'desc' : 'asc'}`;
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  started: 'attributes.start_time',
  name: 'attributes.run_name',
  state: 'attributes.status',
  user: 'attributes.user_id',
};

/** Columns that the server can order by. */
export function isSortable(column: string): boolean {
  return column in ATTRIBUTES || column.startsWith('m:') || column.startsWith('p:');
}

/** The order in MLflow's grammar: keys between backticks, newest first among equals. */
export function orderBy(order: Order): string[] {
  const direction = order.descending ? 'DESC' : 'ASC';
  const attribute = ATTRIBUTES[order.column];
  if (attribute !== undefined) return [`${attribute} ${direction}`];
  const key = order.column.slice(2).replaceAll('`', '');
  const kind = order.column.startsWith('m:') ? 'metrics' : 'params';
  return [`${kind}.\`${key}\` ${direction}`, 'attributes.start_time DESC'];
}

/** A string of MLflow's grammar; null where it holds both kinds of quotes, which the grammar cannot say. */
export function quoted(text: string): string | null {
  if (!text.includes("'")) return `'${text}'`;
  return text.includes('"') ? null : `"${text}"`;
}
