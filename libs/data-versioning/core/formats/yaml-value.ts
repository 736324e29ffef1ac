/** A number that was written with a point or an exponent. YAML and Python tell 1 from 1.0, JavaScript does not. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What YAML files hold. Whole numbers that JavaScript cannot hold exactly are bigints; dates stay the texts that they are. */
export type YamlValue = null | boolean | number | bigint | string | Float | YamlValue[] | YamlMap;
/** Keys in the order of the file, without a prototype where it was read. */
export interface YamlMap {
  [key: string]: YamlValue;
}

export function isMap(value: YamlValue | undefined): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Float);
}
