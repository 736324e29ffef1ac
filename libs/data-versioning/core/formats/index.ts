// What a server shares with the tool: how objects are named, and what a folder's manifest is. Nothing here touches a disk, so that a server does
// not load the tool's verbs and remotes to check what it is sent.

export { decodeManifest, encodeManifest } from './manifest.ts';
export { isObjectId, objectOfPath, parseObjectId, printObjectId } from './object-id.ts';
export type { ObjectId } from '../types.ts';
