// Makes the package that people install out of the sources: one small file that starts at once, chunks that are loaded when a verb needs them, the
// worker threads' own files; for Node 20, without dependencies. Everything it writes stands in dist/npm. With --pack it also makes the tarball
// that the server offers, dist/throughline-cli.tgz.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(HERE, 'dist');
const OUT = join(DIST, 'npm');
const OBJECTS = join(HERE, '../../libs/data-versioning/core/objects');
/** Barrels, by the names that they are imported by. */
const BARRELS = {
  '@throughline/data-versioning/core': join(HERE, '../../libs/data-versioning/core/index.ts'),
  '@throughline/kernel': join(HERE, '../../libs/kernel/src/index.ts'),
};

/** CommonJS packages ask for Node's own modules by require, which ES modules lack. */
const REQUIRE = "import { createRequire as throughlineRequire } from 'node:module'; const require = throughlineRequire(import.meta.url);";

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: { throughline: 'src/main.ts', ...workers() },
  outdir: OUT,
  // Beside the entries: what is addressed from a module's own place is found from any chunk.
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  banner: { js: REQUIRE },
  plugins: [pastBarrels(), namedExports()],
});
writeManifest();
for (const name of ['README.md', 'LICENSE']) copyFileSync(join(HERE, name), join(OUT, name));
writeFileSync(join(OUT, 'THIRD-PARTY.md'), thirdParty(metafile));
chmodSync(join(OUT, 'throughline.js'), 0o755);
if (process.argv.includes('--pack')) pack();

/**
 * Imports go past the barrels, to the modules themselves. A barrel reaches everything, so every verb that imports from one would share one chunk with all
 * others, and a status would load what a push needs.
 */
function pastBarrels() {
  const homes = Object.fromEntries(Object.entries(BARRELS).map(([name, file]) => [name, homesOf(file)]));
  const direct = (_, names, barrel) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const home = homes[barrel].get(name.split(' as ')[0]);
        if (home === undefined) throw new Error(`${barrel} exports no ${name}`);
        return `import { ${name} } from ${JSON.stringify(home)};`;
      })
      .join(' ');
  return {
    name: 'past-barrels',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/](apps[\\/]cli[\\/]src|libs[\\/]data-versioning[\\/]core)[\\/].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(/^import \{([^}]*)\} from '(@throughline\/[\w/-]+)';/gm, direct),
        loader: 'ts',
      }));
    },
  };
}

/**
 * A CommonJS package that is loaded by `await import()` would show its default alone, as no ES module can have names that are found out when it runs. It is
 * loaded here once, and what it exports is written down.
 */
function namedExports() {
  return {
    name: 'named-exports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[@\w][\w/.-]*$/ }, ({ path, kind, namespace, resolveDir }) =>
        kind === 'dynamic-import' && namespace === 'file' && !isBuiltin(path)
          ? { path, namespace: 'named-exports', pluginData: { resolveDir } }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'named-exports' }, async ({ path, pluginData: { resolveDir } }) => {
        const loaded = await import(pathToFileURL(createRequire(join(resolveDir, 'x.js')).resolve(path)).href);
        const names = Object.keys(loaded).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
        const source = [
          `import * as whole from ${JSON.stringify(path)};`,
          'export default whole;',
          ...names.map((name) => `export const ${name} = whole.${name};`),
        ];
        return { contents: source.join('\n'), resolveDir, loader: 'js' };
      });
    },
  };
}

/** Which module each name of a barrel comes from. */
function homesOf(barrel) {
  const exports = readFileSync(barrel, 'utf8').matchAll(/^export \{([^}]*)\} from '([^']+)';/gm);
  const pairs = [...exports].flatMap(([, names, path]) => names.split(',').map((name) => [name.trim(), join(dirname(barrel), path)]));
  return new Map(pairs.filter(([name]) => name !== ''));
}

/** Programs of worker threads are addressed by their names beside the module that starts them. */
function workers() {
  const names = readdirSync(OBJECTS).filter((name) => /(^|-)worker\.ts$/.test(name));
  return Object.fromEntries(names.map((name) => [name.replace(/\.ts$/, ''), join(OBJECTS, name)]));
}

/** What npm reads: the sources' own manifest without what only this repository needs. */
function writeManifest() {
  const { name, version, description, keywords, license, engines } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
  const manifest = { name, version, description, keywords, license, type: 'module', engines, bin: { throughline: 'throughline.js' } };
  writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The licences of what is bundled, which they ask to be kept. */
function thirdParty({ inputs }) {
  const folders = new Set();
  for (const path of Object.keys(inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (found !== null) folders.add(found[1]);
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(HERE, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(HERE, folder)).find((one) => /^licen[cs]e(\.|$)/i.test(one));
    const text = file === undefined ? '' : readFileSync(join(HERE, folder, file), 'utf8').trim();
    return { title: `${name} ${version} (${license})`, text };
  });
  const byText = new Map();
  for (const { title, text } of parts) byText.set(text, [...(byText.get(text) ?? []), title]);
  return [...byText].map(([text, titles]) => `${titles.map((title) => `## ${title}`).join('\n')}\n\n${text}\n`).join('\n');
}

/** The machine's own npm packs: the rules of what a package is are its. */
function pack() {
  const folder = mkdtempSync(join(DIST, 'pack-'));
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { status, stderr, error } = spawnSync(npm, ['pack', '--ignore-scripts', '--pack-destination', folder], {
      cwd: OUT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`npm pack failed:\n${error?.message ?? stderr}`);
    const [tarball] = readdirSync(folder);
    renameSync(join(folder, tarball), join(DIST, 'throughline-cli.tgz'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
