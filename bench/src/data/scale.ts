// How much is done. The full scale is what the bars are set for; the quick one is for whoever changes the command and wants to see it run.

export interface Scale {
  /** Of ours and of the yardsticks; of dvc where it takes seconds. */
  rounds: number;
  /** Of what takes a tenth of a second: more of them, since each is easily disturbed. */
  startRounds: number;
  /** Of dvc where it takes a minute. */
  longRounds: number;
  few: number;
  many: number;
  most: number;
  /** Of a small file. */
  fileBytes: number;
  largeBytes: number;
}

export const FULL: Scale = {
  rounds: 5,
  startRounds: 25,
  longRounds: 1,
  few: 10_000,
  many: 100_000,
  most: 1_000_000,
  fileBytes: 340,
  largeBytes: 2_000_000_000,
};

export const QUICK: Scale = {
  rounds: 1,
  startRounds: 3,
  longRounds: 1,
  few: 500,
  many: 2_000,
  most: 20_000,
  fileBytes: 340,
  largeBytes: 100_000_000,
};
