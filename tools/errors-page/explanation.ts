/** What the reader of docs/errors.md is told of one code. */
export interface Explanation {
  /** More than Kafka's own sentence says. */
  readonly happened?: string
  /** What the reader may do. */
  readonly advice: string
}
