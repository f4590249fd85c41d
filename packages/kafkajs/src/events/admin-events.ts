/** The names of the events. */
export type AdminEvents = {
  readonly CONNECT: 'admin.connect'
  readonly DISCONNECT: 'admin.disconnect'
  readonly REQUEST: 'admin.network.request'
  readonly REQUEST_TIMEOUT: 'admin.network.request_timeout'
  readonly REQUEST_QUEUE_SIZE: 'admin.network.request_queue_size'
}

export const adminEvents: AdminEvents = {
  CONNECT: 'admin.connect',
  DISCONNECT: 'admin.disconnect',
  REQUEST: 'admin.network.request',
  REQUEST_TIMEOUT: 'admin.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'admin.network.request_queue_size',
}
