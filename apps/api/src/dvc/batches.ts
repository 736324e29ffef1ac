// Many objects in one request, for clients of ours. What a client is told to be here, stays: it will send only the rest, and then what lists all.

import type { PutOutcome } from '@throughline/content';
import type { Call } from '@throughline/database';
import { isObjectId, parseObjectId, printObjectId } from '@throughline/data-versioning/formats';
import type { ObjectId } from '@throughline/data-versioning/formats';
import { DomainError } from '@throughline/kernel';
import { z } from 'zod';

import type { Services } from '../services.ts';
import { absentFrame, aloneFrame, frameOf, MAX_FRAME_BYTES, MAX_FRAMES, nameOfFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { inWordsOf, treeOf } from './objects.ts';

/** Names in one question about what is missing. */
const MAX_QUESTION = 100_000;
/** Bytes that are read into memory at a time on their way out. */
const PIECE_BYTES = 8 * 2 ** 20;
const PIECE_FILES = 1_024;

const ID = z.string().refine(isObjectId, 'must be an MD5 of 32 hexadecimal digits in lower case, with .dir behind it for a folder');
const idsOf = (most: number) => z.object({ ids: z.array(ID).max(most) });

export const QUESTION = idsOf(MAX_QUESTION);
export const WANTED = idsOf(MAX_FRAMES);
/** A hundred thousand names have some 4 MB. */
export const MAX_IDS_BYTES = 8 * 2 ** 20;

interface Names {
  files: string[];
  trees: string[];
}

function namesIn(ids: readonly string[]): Names {
  const files = ids.filter((id) => !id.endsWith('.dir'));
  const trees = ids.filter((id) => id.endsWith('.dir')).map((id) => id.slice(0, -'.dir'.length));
  return { files, trees };
}

const NAMING = { legacy: false };

/** Which of the objects the workspace does not hold. A folder with a damaged file counts as missing, so that the file is sent again. */
export async function missingOf({ content }: Services, call: Call, ids: readonly string[]): Promise<string[]> {
  const { files, trees } = namesIn(ids);
  const held = files.length === 0 ? new Map() : await content.findPushedFiles(call, files, NAMING);
  const folders = trees.length === 0 ? new Map() : await content.findPushedTrees(call, trees, NAMING);
  const broken = new Set(trees.length === 0 ? [] : await content.brokenTrees(call, trees));
  return [
    ...new Set(files.filter((md5) => !held.has(md5))),
    ...[...new Set(trees)].filter((md5) => !folders.has(md5) || broken.has(md5)).map((md5) => `${md5}.dir`),
  ];
}

export interface PutReport {
  stored: number;
  known: number;
  refused: { id: string; code: string; message: string }[];
}

/** Stores frames, all of the files before any of the folders; what it says is stored is durable. */
export async function putFrames({ content }: Services, call: Call, frames: readonly Frame[]): Promise<PutReport> {
  const report: PutReport = { stored: 0, known: 0, refused: [] };
  const refuse = (id: string, error: DomainError) => report.refused.push({ id, code: error.code, message: error.message });
  const count = (frame: Frame, outcome: PutOutcome | undefined) => {
    if (outcome === undefined) throw new Error('a frame had no outcome');
    if (outcome.state === 'refused') refuse(nameOfFrame(frame), outcome.error);
    else report[outcome.state] += 1;
  };
  const files = frames.filter(({ isTree }) => !isTree);
  const stored = await content.putBlobs(
    call,
    files.map(({ md5, bytes }) => ({ md5, bytes, pushed: true })),
  );
  for (const [index, frame] of files.entries()) count(frame, stored[index]);

  const trees = frames
    .filter(({ isTree }) => isTree)
    .flatMap((frame) => {
      const id: ObjectId = { hash: 'md5', md5: frame.md5, isTree: true };
      try {
        return [{ frame, tree: treeOf(id, frame.bytes) }];
      } catch (error) {
        const said = inWordsOf(error, id);
        if (!(said instanceof DomainError)) throw said;
        refuse(printObjectId(id), said);
        return [];
      }
    });
  const kept = await content.putPushedTrees(
    call,
    trees.map(({ tree }) => tree),
  );
  for (const [index, { frame }] of trees.entries()) count(frame, kept[index]);
  return report;
}

/** The objects as frames, a piece at a time, in any order. `onSent` is told the hashes of those that went into a piece once the next is asked for. */
export async function* getFrames(
  services: Services,
  call: Call,
  ids: readonly string[],
  onSent: (sha256s: string[]) => void,
): AsyncGenerator<Buffer> {
  const { content } = services;
  const wanted = [...new Set(ids)].map((id) => parseObjectId(id, 'md5'));
  const { files, trees } = namesIn(wanted.map(printObjectId));
  const held = { files: await content.findPushedFiles(call, files, NAMING), trees: await content.findPushedTrees(call, trees, NAMING) };
  const small: { id: ObjectId; sha256: string; md5: string; sizeBytes: number }[] = [];
  for (const id of wanted) {
    const blob = (id.isTree ? held.trees : held.files).get(id.md5);
    if (blob === undefined) yield absentFrame(id);
    else if (blob.sizeBytes > MAX_FRAME_BYTES) yield aloneFrame(id);
    else small.push({ id, sha256: blob.sha256, md5: blob.md5, sizeBytes: blob.sizeBytes });
  }
  for (let start = 0; start < small.length;) {
    let end = start;
    for (let bytes = 0; end < small.length && end - start < PIECE_FILES; end += 1) {
      bytes += small[end]?.sizeBytes ?? 0;
      if (end > start && bytes > PIECE_BYTES) break;
    }
    const piece = small.slice(start, end);
    const read = await content.readBlobs(call, piece);
    yield Buffer.concat(
      piece.flatMap(({ id, sha256 }) => {
        const bytes = read.get(sha256);
        return bytes === undefined ? [absentFrame(id)] : frameOf({ ...id, bytes });
      }),
    );
    onSent([...read.keys()]);
    start = end;
  }
}

/** Keeps objects no longer for having been pushed; what a version, or anything else, needs stays all the same. Answers how many were let go. */
export function releaseOf({ content }: Services, call: Call, ids: readonly string[]): Promise<number> {
  return content.releasePushed(call, namesIn(ids));
}
