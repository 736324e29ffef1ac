// From a data file to a deployed model, and back: the whole thread in one small project. Each step below is one file beside this
// one. Safe to run again, also after it was interrupted: what is known by its digest already is found, not made again.
//
//   THROUGHLINE_URL    where the server is; http://localhost:4000 unless given
//   THROUGHLINE_TOKEN  a token with the scope admin, for a server that wants one; each run gets a token of its own from it

import { Api, ApiError } from './api.ts';
import type { Candidate } from './candidate.ts';
import { makeCandidate, RECIPES } from './candidate.ts';
import { clean, readRawPenguins, SPECIES } from './data.ts';
import { publishCleaned, publishRaw, RAW_FILE } from './datasets.ts';
import { runOnnx } from './inference.ts';
import { ONNX_FILE } from './model-files.ts';
import { describeTrace, downloadDeployed, traceDeployment, verify } from './proof.ts';
import type { Release } from './release.ts';
import { ALIAS, better, deploy, ENVIRONMENT, promote, reasonFor, register, TARGET } from './release.ts';
import { ensureExperiment, requireAdmin } from './runs.ts';

const EXPERIMENT = 'penguins';

function say(step: string, what: string): void {
  process.stdout.write(`  ${step.padEnd(10)} ${what}\n`);
}

const short = (digest: string) => `sha256 ${digest.slice(0, 12)}…`;
const made = (isNew: boolean, known: string) => (isNew ? '' : ` (${known})`);

async function tell(api: Api, signal: AbortSignal): Promise<void> {
  process.stdout.write(`Penguins, from a data file to a deployed model, at ${api.url}\n`);
  await requireAdmin(api);
  const experimentId = await ensureExperiment(api, EXPERIMENT);

  const bytes = await readRawPenguins();
  const raw = await publishRaw(api, bytes);
  say('data', `${raw.ref}: ${RAW_FILE}, ${bytes.length} bytes, ${short(raw.digest)}${made(raw.isNew, 'known already')}`);

  const { train, holdout, dropped, rawCount } = clean(bytes);
  const cleaned = await publishCleaned(api, raw, bytes, { experimentId, name: 'clean', signal });
  const counts = `${dropped.length} of ${rawCount} rows dropped, ${train.length} to train on, ${holdout.length} held out`;
  say('clean', `${cleaned.ref}: ${counts}, ${short(cleaned.digest)}${made(cleaned.isNew, 'known already')}`);

  const candidates: Candidate[] = [];
  for (const recipe of RECIPES) {
    const candidate = await makeCandidate(api, cleaned, recipe, { experimentId, signal });
    candidates.push(candidate);
    const { accuracy, loss } = candidate.holdout;
    say('train', `${recipe.name}, ${recipe.options.epochs} epochs: held-out accuracy ${accuracy.toFixed(4)}, log-loss ${loss.toFixed(4)}`);
    say('export', `${ONNX_FILE} agrees with it to ${candidate.difference.toExponential(1)} in ONNX Runtime; logged by ${candidate.runRef}`);
  }

  const releases: Release[] = [];
  for (const candidate of candidates) {
    const release = await register(api, candidate);
    releases.push(release);
    const known = 'the same bytes are registered already';
    say('register', `${release.version.ref}: ${candidate.recipe.name}, ${short(candidate.digest)}${made(release.isNew, known)}`);
  }
  const best = better(releases);
  const reason = reasonFor(best, releases);
  const isPromoted = await promote(api, best, reason);
  say('promote', `${best.version.ref} is ${ALIAS}. ${reason}${made(isPromoted, 'it was before')}`);
  const deployment = await deploy(api, best, reason);
  say('deploy', `${best.version.ref} to ${ENVIRONMENT}/${TARGET}${made(deployment.isNew, 'live already')}`);

  const deployed = await downloadDeployed(api, deployment.id);
  say('download', `${deployed.files.size} files of ${deployed.ref} hash to the digest that is deployed, ${short(deployed.digest)}`);
  const shown = SPECIES.flatMap((species) => holdout.find((penguin) => penguin.species === species) ?? []);
  const predictions = await runOnnx(
    deployed.files.get(ONNX_FILE) ?? Buffer.alloc(0),
    shown.map(({ measurements }) => measurements),
  );
  for (const [index, { species, measurements }] of shown.entries()) {
    const { label, probabilities } = predictions[index] ?? { label: 'nothing', probabilities: [0] };
    const [beak, depth, flipper, mass] = measurements;
    const penguin = `beak ${beak} x ${depth} mm, flipper ${flipper} mm, ${mass} g`;
    say('predict', `${penguin}: ${label} (${(Math.max(...probabilities) * 100).toFixed(1)} %); it is ${species}`);
  }

  const job = await verify(api, deployment.id, signal);
  say('verify', `${job.checkedFiles} stored files (${job.checkedBytes} bytes) hashed again, ${job.damagedFiles} damaged`);
  for (const line of describeTrace(await traceDeployment(api, deployment.id))) say('trace', line);
  process.stdout.write(`\nFollow the deployed model back to its data: ${api.url}/deployments/${ENVIRONMENT}/${TARGET}\n`);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stop.abort(new Error('Stopped before the end. Running it again goes on from what is there.')));
}

try {
  const { THROUGHLINE_URL: url, THROUGHLINE_TOKEN: token } = process.env;
  // An empty variable is one that nobody set.
  await tell(new Api(url || 'http://localhost:4000', token || undefined), stop.signal);
} catch (error) {
  const known = error instanceof ApiError || stop.signal.aborted;
  process.stderr.write(`\n${error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error)}\n`);
  process.exitCode = 1;
}
