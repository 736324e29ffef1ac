// Makes the package that people install out of the sources, for Node 20, without dependencies: one small file that starts at once, one that holds every verb, the
// worker threads' own, and one for each package that few verbs need. Everything it writes stands in dist/npm. With --pack it also makes the tarball that the server
// offers, dist/throughline-cli.tgz.
//
// All of it is CommonJS in few files: Node takes 4 ms to make its loader of ES modules ready, and a third of a millisecond for each further file, where a whole
// `status` takes 25 ms of ours.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
/** Parts of Node that a verb needs seldom, or late. Commander alone asks for the first, which brings the network with it. */
const LATE =
  /(?<!__toESM\()\brequire\("(node:(?:child_process|fs\/promises|readline\/promises|stream\/promises|timers\/promises|worker_threads))"\)/g;
/** What the first file loads when there is something to do, and how the package does that. */
const PROGRAM = './program.ts';
const COMPILED_PROGRAM = join(HERE, 'src/compiled.ts');

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const inputs = new Set();
const packages = new Set();
await bundle({ entryPoints: { throughline: 'src/main.ts', program: 'src/program.ts', ...workers() }, plugins: [pastBarrels(), apart()] });
loadLate(join(OUT, 'program.js'));
// A package may take another one in its own turn, hence the loop: a set that grows is walked to its end.
for (const name of packages) {
  await bundle({
    stdin: { contents: `module.exports = require('${name}');`, resolveDir: HERE },
    outfile: join(OUT, fileOf(name)),
    plugins: [apart(name)],
  });
}
writeManifest();
for (const name of ['README.md', 'LICENSE']) copyFileSync(join(HERE, name), join(OUT, name));
writeFileSync(join(OUT, 'THIRD-PARTY.md'), thirdParty(inputs));
chmodSync(join(OUT, 'throughline.js'), 0o755);
if (process.argv.includes('--pack')) pack();

/**
 * Imports go past the barrels, to the modules themselves. A module runs when a verb first asks for it, and a barrel asks for everything: a status would run what a
 * push needs.
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

/** Packages that are loaded by `await import()` lie in files of their own, whoever else imports them. */
function apart(self = null) {
  return {
    name: 'apart',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ path, kind }) => {
        if (path === PROGRAM && kind === 'dynamic-import') return { path: COMPILED_PROGRAM };
        if (path === self || !/^[@\w][\w/.-]*$/.test(path) || isBuiltin(path)) return undefined;
        if (kind === 'dynamic-import' && self === null) packages.add(path);
        return packages.has(path) ? { path: `./${fileOf(path)}`, external: true } : undefined;
      });
    },
  };
}

/**
 * Parts of Node are loaded when something of them is first used, which saves every verb a millisecond and a half: a bundle asks for all of them as soon as a module that
 * imports them runs. Imports of single names alone: these are looked up at each use, so that something else may stand there until then.
 */
function loadLate(file) {
  const source = readFileSync(file, 'utf8');
  const late = source.replace(LATE, 'loadedLate("$1")');
  const place = late.indexOf('const throughlineUrl');
  if (late === source || place === -1) throw new Error(`${file} loads nothing that could be loaded later.`);
  const loader = 'const loadedLate=(name)=>{let part;return new Proxy({},{get:(_,key)=>(part??=require(name))[key]})};';
  writeFileSync(file, `${late.slice(0, place)}${loader}${late.slice(place)}`);
}

/** The file of a package: `@scope/name` is scope-name.js, so that no two share one. */
function fileOf(name) {
  return `${name.replace('@', '').replaceAll('/', '-')}.js`;
}

async function bundle(options) {
  const { metafile } = await build({
    absWorkingDir: HERE,
    ...(options.outfile === undefined ? { outdir: OUT } : {}),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Loads of files beside it are plain requires.
    supported: { 'dynamic-import': false },
    // CommonJS has no such thing; workers.ts asks for it.
    define: { 'import.meta.url': 'throughlineUrl' },
    banner: { js: "const throughlineUrl = require('node:url').pathToFileURL(__filename).href;" },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    ...options,
  });
  for (const path of Object.keys(metafile.inputs)) inputs.add(path);
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
  const manifest = { name, version, description, keywords, license, type: 'commonjs', engines, bin: { throughline: 'throughline.js' } };
  writeFileSync(join(OUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The licences of what is bundled, which they ask to be kept. */
function thirdParty(paths) {
  const folders = new Set();
  for (const path of paths) {
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
