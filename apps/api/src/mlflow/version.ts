/** The MLflow release whose protocol this server speaks and whose client the interop suite runs. */
export const MLFLOW_VERSION = '3.17.2';
