/** A place in the engine that only trouble leads to. */
export interface Mark {
  readonly name: string
  /** In packages/producer/src. */
  readonly file: string
  /** Stands there once, and ends in the block that is meant. */
  readonly code: string
}

export function marksIn(file: string, codes: Readonly<Record<string, string>>): Mark[] {
  return Object.entries(codes).map(([name, code]) => ({ name, file, code }))
}
