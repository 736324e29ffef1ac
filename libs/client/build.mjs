// Makes the package that people install out of the sources: one file each for `import`, `require` and the command, for Node 20, and one of
// declarations. Everything it writes stands in dist/npm.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, 'dist/npm');
const SHARED = { bundle: true, platform: 'node', target: 'node20', legalComments: 'none', logLevel: 'warning', absWorkingDir: HERE };
/** The files whose declarations are public; the others are reached from none of these. */
const DECLARED = ['types', 'throughline-error', 'start', 'sync', 'version'];

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
await Promise.all([
  build({ ...SHARED, entryPoints: ['src/index.ts'], format: 'esm', outfile: join(OUT, 'index.js') }),
  build({ ...SHARED, entryPoints: ['src/index.ts'], format: 'cjs', outfile: join(OUT, 'index.cjs') }),
  build({ ...SHARED, entryPoints: ['src/cli/main.ts'], format: 'esm', outfile: join(OUT, 'cli.js') }),
]);
const declarations = rollUp();
writeFileSync(join(OUT, 'index.d.ts'), declarations);
writeFileSync(join(OUT, 'index.d.cts'), declarations);

/** The declarations as one file: those of the public files without what ties them together, and the list of what is exported. */
function rollUp() {
  const folder = mkdtempSync(join(HERE, 'dist/declarations-'));
  try {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const args = ['-p', HERE, '--outDir', folder, '--tsBuildInfoFile', join(folder, 'tsbuildinfo')];
    const { status, stdout } = spawnSync(process.execPath, [tsc, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`The declarations cannot be made:\n${stdout}`);
    const read = (name) => readFileSync(join(folder, `${name}.d.ts`), 'utf8');
    const bodies = DECLARED.map((name) =>
      read(name)
        .replace(/^(?:import .*|export \{\};)\n/gm, '')
        .replace(/^export (?=declare |interface |type )/gm, ''),
    );
    const exported = [...read('index').matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names]) => names.split(','));
    const names = exported.map((name) => name.trim()).filter((name) => name !== '');
    return `/// <reference lib="esnext.disposable" />\n${bodies.join('')}export { ${names.join(', ')} };\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
