// Adds up what the test runners report. A run in which nothing ran, a suite that did not report, and a skipped test where nobody may
// skip (CI) are failures: silence must never look like success.

import { existsSync, readFileSync } from 'node:fs';

import { say } from './terminal.mjs';

export class Totals {
  passed = 0;
  failed = 0;
  skipped = 0;
  #notes = [];

  /** Counts one failure that no runner reported. */
  failure(note) {
    this.failed += 1;
    this.#notes.push(note);
  }

  /** Adds vitest's JSON report. A file that failed before its first test counts as one failure. */
  addVitest(file, name) {
    const report = this.#read(file, name, (text) => JSON.parse(text));
    if (report === null) return;
    for (const { status, message, assertionResults, name: path } of report.testResults) {
      for (const test of assertionResults) {
        if (test.status === 'passed') this.passed += 1;
        else if (test.status === 'failed') this.failed += 1;
        else this.skipped += 1;
      }
      if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
        this.failure(`${path}: ${message || 'failed'}`);
    }
    if (report.testResults.length === 0) this.failure(`${name}: no tests were found`);
  }

  /** Adds pytest's JUnit report. */
  addPytest(file, name) {
    const suites = this.#read(file, name, (text) => [...text.matchAll(/<testsuite\s[^>]*>/g)].map(([tag]) => tag));
    if (suites === null) return;
    let ran = 0;
    for (const tag of suites) {
      const count = (attribute) => Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(tag)?.[1] ?? 0);
      const failed = count('failures') + count('errors');
      ran += count('tests');
      this.failed += failed;
      this.skipped += count('skipped');
      this.passed += count('tests') - failed - count('skipped');
    }
    if (ran === 0) this.failure(`${name}: no tests were found`);
  }

  #read(file, name, parse) {
    if (!existsSync(file)) {
      this.failure(`${name}: did not report`);
      return null;
    }
    try {
      return parse(readFileSync(file, 'utf8'));
    } catch (error) {
      this.failure(`${name}: its report cannot be read (${error instanceof Error ? error.message : error})`);
      return null;
    }
  }

  /** Prints the totals, last of all, and answers the exit code. */
  close() {
    const strict = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false';
    if (this.passed + this.failed === 0) this.failure('no tests ran');
    if (strict && this.skipped > 0) this.failure(`${this.skipped} tests were skipped, which CI does not allow`);
    for (const note of this.#notes) say(`FAILED  ${note}`);
    if (this.skipped > 0) say(`${this.skipped} skipped`);
    say(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 ? 0 : 1;
  }
}
