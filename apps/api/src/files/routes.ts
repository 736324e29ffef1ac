// Bytes in and out by hash, for clients of ours: one PUT for what fits one request, resumable uploads for what may be cut, ranged
// downloads. And the files of dataset versions under readable addresses, which any program that opens an https address can read.
//
//   PUT    /api/v1/files/<sha256>            the whole body -> 201 { sha256, md5, sizeBytes }; 422 where it hashes to something else
//   GET    /api/v1/files/<sha256>?filename=  the bytes, ranges too
//   POST   /api/v1/uploads                   { sha256, sizeBytes } -> { id, offsetBytes, complete }; finds one begun before
//   GET    /api/v1/uploads/<id>              where it stands
//   PATCH  /api/v1/uploads/<id>              Upload-Offset: <offset>, a body -> where it stands then
//   DELETE /api/v1/uploads/<id>              forgets it
//   GET    /api/v1/datasets/<name>/versions/<number>/files/<path>
//   GET    /api/v1/datasets/<name>/versions/<number>/pictures/<path>   as a picture, where its bytes are one

import type { BlobInfo, FileInfo } from '@throughline/content';
import { checkPath } from '@throughline/content';
import type { Call } from '@throughline/database';
import { formatRef, invalid, notFound } from '@throughline/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { Services } from '../services.ts';
import { bodyOf, declaredSize } from './bodies.ts';
import { sendBlob } from './send.ts';

const START = z.object({
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal characters'),
  sizeBytes: z.number().int().min(0),
});

/** A file of a dataset version, as an address names it. */
interface FilePlace {
  name: string;
  number: string;
  '*': string;
}

type CallOf = (request: FastifyRequest) => Promise<Call>;

function present({ sha256, md5, sizeBytes }: BlobInfo) {
  return { sha256, md5, sizeBytes };
}

/** The routes that take bytes as they come; JSON is for `registerUploadRoutes`. */
export function registerFileRoutes(app: FastifyInstance, { content, data, commands }: Services, callOf: CallOf): void {
  app.put<{ Params: { sha256: string } }>('/api/v1/files/:sha256', async (request, reply) => {
    const call = await callOf(request);
    const blob = await content.putBlob(call, bodyOf(request), { sha256: request.params.sha256, sizeBytes: declaredSize(request) });
    return reply.code(201).send(present(blob));
  });

  app.get<{ Params: { sha256: string }; Querystring: { filename?: string } }>('/api/v1/files/:sha256', async (request, reply) => {
    const call = await callOf(request);
    const sha256 = request.params.sha256.toLowerCase();
    const blob = (await content.findBlobs(call, [sha256])).get(sha256);
    if (blob === undefined) throw notFound('BLOB_NOT_FOUND', 'This workspace has no file with that hash.');
    return sendBlob(request, reply, { content, call, blob, filename: request.query.filename ?? sha256, onServed: commands.observeRead });
  });

  const fileOf = async (call: Call, { name, number, '*': path }: FilePlace): Promise<FileInfo> => {
    if (!/^[1-9]\d{0,8}$/.test(number)) throw invalid('INVALID_VERSION', 'Version numbers begin at 1.');
    const version = await data.versions.getByRef(call, formatRef({ kind: 'data', name, number: Number(number) }));
    const file = await content.findEntry(call, version.manifestId, checkPath(path));
    if (file === null) throw notFound('FILE_NOT_FOUND', `data:${name}@${number} has no file '${path.slice(0, 200)}'.`);
    return file;
  };
  const nameOf = ({ path }: FileInfo) => path.slice(path.lastIndexOf('/') + 1);

  app.get<{ Params: FilePlace }>('/api/v1/datasets/:name/versions/:number/files/*', async (request, reply) => {
    const call = await callOf(request);
    const file = await fileOf(call, request.params);
    return sendBlob(request, reply, { content, call, blob: file, filename: nameOf(file), onServed: commands.observeRead });
  });

  app.get<{ Params: FilePlace }>('/api/v1/datasets/:name/versions/:number/pictures/*', async (request, reply) => {
    const call = await callOf(request);
    const file = await fileOf(call, request.params);
    const picture = await data.previews.pictureOf(call, file);
    if (picture === null) {
      throw invalid('NOT_A_PICTURE', `'${file.path.slice(0, 200)}' is no PNG, JPEG, GIF or WebP, or too large to be shown.`, {
        hint: 'Download it: the same address with files in place of pictures.',
      });
    }
    const { mediaType } = picture;
    return sendBlob(request, reply, {
      content,
      call,
      blob: file,
      filename: nameOf(file),
      picture: mediaType,
      onServed: commands.observeRead,
    });
  });

  app.patch<{ Params: { id: string } }>('/api/v1/uploads/:id', async (request) => {
    const call = await callOf(request);
    const header = request.headers['upload-offset'];
    const offset = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : null;
    if (offset === null) throw invalid('MISSING_OFFSET', 'The header Upload-Offset must say where the body begins.');
    return content.appendUpload(call, request.params.id, offset, bodyOf(request));
  });
}

/** The routes around resumable uploads whose bodies are JSON, or nothing. */
export function registerUploadRoutes(app: FastifyInstance, { content }: Services, callOf: CallOf): void {
  app.post('/api/v1/uploads', async (request) => {
    const call = await callOf(request);
    const parsed = START.safeParse(request.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw invalid('INVALID_UPLOAD', `${issue?.path.join('.') ?? 'The body'} ${issue?.message ?? 'is not valid'}`);
    }
    return content.startUpload(call, parsed.data);
  });
  app.get<{ Params: { id: string } }>('/api/v1/uploads/:id', async (request) =>
    content.getUpload(await callOf(request), request.params.id),
  );
  app.delete<{ Params: { id: string } }>('/api/v1/uploads/:id', async (request, reply) => {
    await content.abandonUpload(await callOf(request), request.params.id);
    return reply.code(204).send();
  });
}
