/** A broker of the cluster, and where clients reach it. */
export interface Node {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}
