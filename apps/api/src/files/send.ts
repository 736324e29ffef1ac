// Sends a blob: whole or one range of it, from the object store to the socket, never held in memory. What a run's own token reads
// to the last byte is observed.

import { finished, Readable } from 'node:stream';

import type { BlobInfo, Content } from '@throughline/content';
import type { Call } from '@throughline/database';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { parseRange } from './ranges.ts';

export interface SendOptions {
  content: Content;
  call: Call;
  blob: Pick<BlobInfo, 'sha256' | 'sizeBytes'>;
  /** What a browser saves it as. */
  filename: string;
  /** As what a page may show it: a picture that nothing in it can run. Everything else is saved, and has no type. */
  picture?: string | undefined;
  /** Told once every byte went out. */
  onServed: (call: Call, sha256: string) => void;
}

/** The header that makes a browser save a file under its name (RFC 6266), whatever characters that has. */
export function contentDisposition(filename: string, how: 'attachment' | 'inline' = 'attachment'): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${how}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Whether If-None-Match names what we would send (RFC 9110, section 13.1.2): by a list of tags, weak ones too, or by `*`. */
function namesTag(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}

/** The range that a request asks for: of a GET alone, and where If-Range does not name another content (RFC 9110, sections 13.1.5 and 14.2). */
function rangeFor({ method, headers }: FastifyRequest, etag: string): string | undefined {
  if (method !== 'GET') return undefined;
  return headers['if-range'] === undefined || headers['if-range'] === etag ? headers.range : undefined;
}

/** Answers a GET or HEAD with a blob: as an attachment of no type, unless it is a picture; what somebody uploaded is never run in our origin. */
export async function sendBlob(request: FastifyRequest, reply: FastifyReply, options: SendOptions): Promise<FastifyReply> {
  const { content, call, blob } = options;
  const etag = `"${blob.sha256}"`;
  reply
    .header('Content-Type', options.picture ?? 'application/octet-stream')
    .header('Content-Disposition', contentDisposition(options.filename, options.picture === undefined ? 'attachment' : 'inline'))
    .header('Content-Security-Policy', "default-src 'none'; sandbox")
    .header('ETag', etag)
    .header('Accept-Ranges', 'bytes')
    .header('Cache-Control', 'private, no-cache');
  if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();

  const range = parseRange(rangeFor(request, etag), blob.sizeBytes);
  if (range === 'unsatisfiable') {
    reply.header('Content-Range', `bytes */${blob.sizeBytes}`);
    return reply
      .code(416)
      .type('application/json')
      .send({ error: { code: 'RANGE_NOT_SATISFIABLE', message: `The file has ${blob.sizeBytes} bytes.` } });
  }
  if (range !== null) reply.code(206).header('Content-Range', `bytes ${range.start}-${range.end}/${blob.sizeBytes}`);
  reply.header('Content-Length', range === null ? blob.sizeBytes : range.end - range.start + 1);
  // Of an answer without a body the framework would say that it has no bytes; of a stream it says what we said.
  if (request.method === 'HEAD') return reply.send(Readable.from([]));

  const opened = await content.openBlob(call, blob.sha256, range ?? undefined);
  const isWhole = range === null || (range.start === 0 && range.end === blob.sizeBytes - 1);
  if (isWhole) {
    // Both ends: only what the socket took was served, and damaged bytes end as a refusal, which the socket takes as well.
    let wasReadWhole = false;
    opened.body.once('end', () => (wasReadWhole = true));
    finished(reply.raw, (error) => {
      if (error == null && wasReadWhole) options.onServed(call, blob.sha256);
    });
  }
  return reply.send(opened.body);
}
