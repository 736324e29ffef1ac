export type { Dependency, HashName, ObjectId, Output, Reporter, Stage, Surroundings, Task, Tree, TreeEntry, Unit } from './types.ts';
