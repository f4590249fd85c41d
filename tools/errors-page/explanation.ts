/** What the reader of docs/errors.md is told of one code. */
export interface Explanation {
  /** More than Kafka's own sentence says. */
  readonly happened?: string
  /** How it is treated, where that is not how a Produce request would be. */
  readonly treatment?: string
  /** What the reader may do. */
  readonly advice: string
}
