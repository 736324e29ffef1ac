// What of a run's data was withdrawn, as lists show it: what it read, and what that was made from. The whole way back is the thread's.

interface Version {
  number: number;
  dataset: { name: string };
  retraction?: { reason: string } | null | undefined;
}

interface Input {
  datasetVersion?: (Version & { derivedFrom: readonly Version[] }) | null | undefined;
}

/** `penguins@1: two islands were swapped`, each once, in the order of the inputs. */
export function withdrawnData(inputs: readonly Input[]): string[] {
  const versions = inputs.flatMap(({ datasetVersion }) => (datasetVersion ? [datasetVersion, ...datasetVersion.derivedFrom] : []));
  const words = versions.flatMap(({ dataset, number, retraction }) =>
    retraction ? [`${dataset.name}@${number}: ${retraction.reason}`] : [],
  );
  return [...new Set(words)];
}
