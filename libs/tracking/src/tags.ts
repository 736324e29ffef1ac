// Tags that mean something. MLflow's clients say by tags what the protocol has no field for.

export const TAG = {
  runName: 'mlflow.runName',
  parentRunId: 'mlflow.parentRunId',
  user: 'mlflow.user',
  commit: 'mlflow.source.git.commit',
  repository: 'mlflow.source.git.repoURL',
  source: 'mlflow.source.name',
  dataContext: 'mlflow.data.context',
  /** Ours: the dataset versions that the run's inputs are, as references with commas between them. */
  dataset: 'throughline.dataset',
  /** Ours: where an import took it from, and how it stood there when all of it was copied. */
  importedFrom: 'throughline.importedFrom',
  importedAs: 'throughline.importedAs',
} as const;

/** Those by which a run says which versions its inputs are: by their names, or by where they were seen. */
export const DATA_TAGS: readonly string[] = [TAG.dataset, TAG.commit, TAG.repository];
