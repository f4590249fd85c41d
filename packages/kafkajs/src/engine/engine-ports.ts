import { nodePorts, type Ports } from '@linger/producer'
import { CompressionWithUserCodecs } from '../compression/compression-with-user-codecs.ts'
import type { KafkaConfig } from '../config/kafka-config.ts'
import { ObservedNetwork } from '../network/observed-network.ts'
import type { RequestListener } from '../network/observed-requests.ts'
import { SocketFactoryNetwork, unresolvedNames } from '../network/socket-factory-network.ts'
import { defaultSocketFactory } from '../network/socket-factory.ts'

/** The world as an engine sees it: with the user's sockets, TLS options and codecs, and with somebody who looks on. */
export function enginePorts({ ssl, socketFactory }: KafkaConfig, listener: RequestListener): Ports {
  const ports = nodePorts()
  const tlsOptions = ssl === true ? {} : ssl === false ? undefined : ssl
  const isOwn = socketFactory !== undefined || tlsOptions !== undefined
  const network = isOwn ? new SocketFactoryNetwork(socketFactory ?? defaultSocketFactory, tlsOptions) : ports.network
  return {
    ...ports,
    network: new ObservedNetwork(network, listener),
    dns: isOwn ? unresolvedNames : ports.dns,
    compression: new CompressionWithUserCodecs(ports.compression),
  }
}
