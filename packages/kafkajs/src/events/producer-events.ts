/** Something that happened in a client. */
export interface InstrumentationEvent<T> {
  /** Counted up for all clients of the process: a number, whatever KafkaJS's types say. */
  id: string
  type: string
  timestamp: number
  payload: T
}

export type RemoveInstrumentationEventListener<T> = () => void & { readonly eventName?: T }

export type ConnectEvent = InstrumentationEvent<null>
export type DisconnectEvent = InstrumentationEvent<null>

/** A request that was sent. Times in milliseconds: since 1970, or that passed. */
export interface SentRequest {
  apiKey: number
  apiName: string
  apiVersion: number
  broker: string
  clientId: string
  correlationId: number
  createdAt: number
  pendingDuration: number
  sentAt: number
}

export type RequestEvent = InstrumentationEvent<SentRequest & { duration: number; size: number }>
export type RequestTimeoutEvent = InstrumentationEvent<SentRequest>
export type RequestQueueSizeEvent = InstrumentationEvent<{ broker: string; clientId: string; queueSize: number }>

/** The names of the events. */
export type ProducerEvents = {
  readonly CONNECT: 'producer.connect'
  readonly DISCONNECT: 'producer.disconnect'
  readonly REQUEST: 'producer.network.request'
  readonly REQUEST_TIMEOUT: 'producer.network.request_timeout'
  readonly REQUEST_QUEUE_SIZE: 'producer.network.request_queue_size'
}

export const producerEvents: ProducerEvents = {
  CONNECT: 'producer.connect',
  DISCONNECT: 'producer.disconnect',
  REQUEST: 'producer.network.request',
  REQUEST_TIMEOUT: 'producer.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'producer.network.request_queue_size',
}
