import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

export interface ISocketFactoryArgs {
  host: string
  port: number
  ssl: ConnectionOptions
  onConnect: () => void
}

/** Opens a connection to a broker. */
export type ISocketFactory = (args: ISocketFactoryArgs) => Socket

const KEEP_ALIVE_DELAY_MS = 60_000

/** What KafkaJS does where it is given no other: all options of node:tls are the user's. */
export const defaultSocketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const given = ssl as ConnectionOptions | undefined
  const socket =
    given === undefined
      ? connectTcp({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : undefined), ...given }, onConnect)
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS)
  return socket
}
