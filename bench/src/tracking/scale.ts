// How much is done. The full scale is what the bars are set for; the quick one is for whoever changes the server and wants to see it run.

export interface Scale {
  clients: number;
  rounds: number;
  /** How long one turn lasts: of this server and of COPY, and of MLflow, whose single requests take long. */
  turnMs: number;
  mlflowTurnMs: number;
  search: {
    runs: number;
    rounds: number;
    /** Where the deep page begins: so many of the matching runs come before it. */
    deepOffset: number;
    turnMs: number;
    /** Requests of each of MLflow's clients in one turn. */
    mlflowTurns: number;
  };
  series: { points: number; manyPoints: number; turnMs: number };
  /** How long an idle server is left alone before its memory is read. */
  settleMs: number;
}

export const FULL: Scale = {
  clients: 8,
  rounds: 5,
  turnMs: 4_000,
  mlflowTurnMs: 6_000,
  search: { runs: 75_000, rounds: 3, deepOffset: 5_000, turnMs: 5_000, mlflowTurns: 2 },
  series: { points: 1_000_000, manyPoints: 10_000_000, turnMs: 3_000 },
  settleMs: 20_000,
};

export const QUICK: Scale = {
  clients: 8,
  rounds: 1,
  turnMs: 1_000,
  mlflowTurnMs: 2_000,
  search: { runs: 3_000, rounds: 1, deepOffset: 150, turnMs: 1_000, mlflowTurns: 1 },
  series: { points: 50_000, manyPoints: 500_000, turnMs: 1_000 },
  settleMs: 3_000,
};
