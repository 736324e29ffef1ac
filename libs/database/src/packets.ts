// How bytes from PostgreSQL reach the driver. By itself Node gives each read of a socket a new buffer of 64 kB: a page of a thousand runs takes fifty of
// them, which V8 counts as pressure from outside its heap, and collects all of the heap every ten pages or so. Half of a search's time in the server
// went there. Here each connection reads into one buffer that is used again and again.
//
// The driver lets what it is handed go at once, as long as messages are whole. Of those that it would keep (a message that has not come to its end, rows
// of COPY, which it hands on as they lie in the buffer), and for whoever reads the socket as a stream, as copies of whole tables do, there are copies. So
// messages are told from each other here, by the five bytes that each begins with.

import { Socket } from 'node:net';

/** Bytes that are read at once. What is longer is handed on in parts. */
const BUFFER_BYTES = 128 * 1024;
/** A message begins with its kind, one byte, and its length without that, four bytes. */
const HEAD_BYTES = 5;
const COPY_DATA = 'd'.charCodeAt(0);

/** Hands bytes on that are written over as soon as it returns. Whether they may be kept by whoever sees them, and so have to be copied. */
export type HandOn = (bytes: Buffer, isKept: boolean) => void;

/** Takes a connection's bytes as they come, and hands them on by whole messages where it can. */
export interface Packets {
  /** Where the next bytes are to be put. */
  room: () => Uint8Array;
  /** Told how many were put there. */
  came: (count: number) => void;
}

export function createPackets(handOn: HandOn, size = BUFFER_BYTES): Packets {
  const buffer = Buffer.allocUnsafeSlow(size);
  /** Bytes at the front: the beginning of a message. */
  let held = 0;
  /** Bytes still to come of a message that does not fit. */
  let passing = 0;

  const messageBytes = (at: number): number => 1 + buffer.readUInt32BE(at + 1);

  return {
    room: () => buffer.subarray(held),

    came(count) {
      const end = held + count;
      const begin = Math.min(passing, end);
      passing -= begin;
      if (begin > 0) handOn(buffer.subarray(0, begin), true);
      let at = begin;
      let isKept = false;
      while (end - at >= HEAD_BYTES && at + messageBytes(at) <= end) {
        isKept ||= buffer[at] === COPY_DATA;
        at += messageBytes(at);
      }
      if (at > begin) handOn(buffer.subarray(begin, at), isKept);
      held = end - at;
      if (held >= HEAD_BYTES && messageBytes(at) > size) {
        passing = messageBytes(at) - held;
        handOn(buffer.subarray(at, end), true);
        held = 0;
      } else if (held > 0) {
        buffer.copyWithin(0, at, end);
      }
    },
  };
}

/** A socket for one connection of the driver. Where that encrypts, the bytes are not PostgreSQL's yet, and come as they always do. */
export function createSocket(config?: { ssl?: unknown }): Socket {
  if (config?.ssl) return new Socket();
  let goesOn = true;
  const packets = createPackets((bytes, isKept) => {
    const isDriver = socket.listenerCount('data') > 0 && socket.listenerCount('readable') === 0 && socket.readableLength === 0;
    if (isDriver) socket.emit('data', isKept ? Buffer.from(bytes) : bytes);
    else goesOn = socket.push(Buffer.from(bytes)) && goesOn;
  });
  const socket: Socket = new Socket({
    onread: {
      buffer: packets.room,
      callback(count) {
        goesOn = true;
        packets.came(count);
        // A stream that has enough asks for more by itself.
        return goesOn;
      },
    },
  });
  return socket;
}
