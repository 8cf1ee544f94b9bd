import { COUNTING } from "./counting.ts";
import type { Mutant } from "./mutant.ts";
import { SHARDING } from "./sharding.ts";
import { SILENCE } from "./silence.ts";
import { TELLING } from "./telling.ts";

export const MUTANTS: readonly Mutant[] = [...COUNTING, ...SILENCE, ...TELLING, ...SHARDING];
