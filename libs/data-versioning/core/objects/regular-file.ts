// Reading small files that anybody may have put into a repository. A name may stand for a pipe, which never ends, or, by a symbolic link, for a device that gives zeros for
// ever: both would be waited for instead of being refused.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { invalid } from '@throughline/kernel';

/** Larger ones are nothing that a person or this command wrote. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
// Opening a pipe would wait for its writer.
const READ = constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK);

/** A file's bytes. @throws DomainError `FILE_INVALID` for what is no file, or has more bytes than that; the system's error for what cannot be opened. */
export function readRegularFile(file: string, maxBytes: number = Number.MAX_SAFE_INTEGER): Buffer {
  const descriptor = openSync(file, READ);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() && !found.isDirectory())
      throw invalid('FILE_INVALID', `${file} is no file, but a pipe or a device.`, { hint: 'Remove it.' });
    if (found.size > maxBytes) throw invalid('FILE_INVALID', `${file} is larger than ${maxBytes} bytes.`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same as text. @throws the same, from 256 MiB on. */
export function readRegularText(file: string): string {
  return readRegularFile(file, MAX_TEXT_BYTES).toString('utf8');
}
