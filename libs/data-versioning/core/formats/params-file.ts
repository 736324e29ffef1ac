// Files of parameters, by the endings of their names, as DVC tells them apart: TOML, Python, and YAML, of which JSON is a part. The readers of the rarer ones are loaded
// when they are needed.

import { readYaml } from './yaml.ts';
import type { YamlValue } from './yaml-value.ts';

/** What a file of parameters says. @throws DomainError `FILE_INVALID`, `YAML_INVALID`. */
export async function readParams(content: string, file: string): Promise<YamlValue> {
  switch (/\.[^./]*$/.exec(file)?.[0].toLowerCase()) {
    case '.toml':
      return (await import('./toml.ts')).readToml(content, file);
    case '.py':
      return (await import('./python-params.ts')).readPythonParams(content, file);
    default:
      return await readYaml(content, file);
  }
}
