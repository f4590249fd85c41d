/** Chance for the engine: partitions, jitter, the first broker to try. */
export interface Random {
  /** 0 inclusive to 1 exclusive. */
  next(): number
}
