// Finds a Chromium for the browser suite.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const HOW_TO_GET_ONE =
  'The browser suite needs a Chromium: `apt-get install chromium`, `brew install --cask chromium` or Google Chrome will do, or name one with ' +
  'CHROMIUM_PATH. `npm test -- --no-browser` runs everything else.';

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its path, or null. CHROMIUM_PATH wins, and must then be right. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return runs(named) ? named : null;
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...PLACES].find(runs) ?? null;
}

/** Why there is none, and what to do. */
export function whyNoChromium() {
  const named = process.env.CHROMIUM_PATH;
  return `${named ? `CHROMIUM_PATH names ${named}, which cannot be run. ` : ''}${HOW_TO_GET_ONE}`;
}
