import { apiVersions, codecFor, decodeRequest, encodeResponseFrame } from '@linger/protocol'
import type { Answer } from '../apis/api-handler.ts'
import { unsupportedApiVersions } from '../apis/api-versions.ts'
import { ErrorCode } from '../error-code.ts'
import type { BrokerPorts } from '../ports.ts'
import { errorAnswersFor } from './error-answers.ts'
import type { FaultyRequest, Handle } from './faulty-request.ts'
import type { FiredFault } from './faults.ts'
import { refusedProduce } from './refused-produce.ts'
import { responseIn } from './response-in.ts'

const nothingToCancel = (): void => {}

/** Puts a fault in front of a broker, or of what other faults have left of it. */
export function withFault({ fault, isMeant }: FiredFault, request: FaultyRequest, handle: Handle): Handle {
  const { received, ports } = request
  switch (fault.kind) {
    case 'pass':
      return handle
    case 'error':
      return withError(request, fault.errorCode, fault.when ?? 'before', isMeant, handle)
    case 'delay':
      return fault.when === 'before'
        ? delayedWork(ports, fault.delayMs, handle)
        : delayedAnswer(ports, fault.delayMs, handle)
    case 'drop':
      return instead(fault.when, { kind: 'none' }, handle)
    case 'hang':
      return instead(fault.when, undefined, handle)
    case 'close':
    case 'reset':
      return instead(fault.when, { kind: fault.kind, reason: `a fault, at ${received.apiName}` }, handle)
    case 'stray':
      return strayed(ports, fault.delayMs, { kind: fault.end, reason: `${received.apiName} has gone astray` }, handle)
    case 'cut':
      return changed(handle, (answer) =>
        answer.kind === 'response' ? { kind: 'cut', bytes: answer.frame.subarray(0, fault.afterBytes) } : answer,
      )
    case 'throttle':
      return changed(handle, (answer) => throttled(request, answer, fault.throttleTimeMs))
    case 'answer':
      return instead('before', { kind: 'response', frame: fault.frame }, handle)
    case 'alter':
      return changed(handle, (answer) =>
        answer.kind === 'response' ? { ...answer, frame: fault.alter(answer.frame) } : answer,
      )
  }
}

function withError(
  request: FaultyRequest,
  errorCode: number,
  when: 'before' | 'after',
  isMeant: FiredFault['isMeant'],
  handle: Handle,
): Handle {
  const { api, received, nameOf } = request
  if (api === apiVersions && errorCode === ErrorCode.UNSUPPORTED_VERSION) {
    return instead('before', unsupportedApiVersions(received.correlationId), handle)
  }
  if (when === 'before' && received.apiName === 'Produce') return refusedProduce(request, errorCode, isMeant, handle)
  const errors = errorAnswersFor(api)
  const codec = codecFor(api, received.apiVersion)
  const isWhole = received.topicPartitions.every(
    ({ topic, partitions }) => partitions?.every((index) => isMeant(topic, index)) ?? isMeant(topic, undefined),
  )
  if (when === 'before' && isWhole) {
    return (frame, answer) => {
      const response = errors.refusal(decodeRequest(codec, frame, received.bodyOffset), errorCode)
      answer({ kind: 'response', frame: encodeResponseFrame(codec, received.correlationId, response) })
      return nothingToCancel
    }
  }
  return changed(handle, (answer) => {
    if (answer.kind !== 'response') return answer
    const response = responseIn(codec, answer.frame)
    if (response === undefined) return answer
    errors.spoil(response, errorCode, isMeant, nameOf)
    return { ...answer, frame: encodeResponseFrame(codec, received.correlationId, response) }
  })
}

function throttled(request: FaultyRequest, answer: Answer, throttleTimeMs: number): Answer {
  if (answer.kind === 'none') return { ...answer, throttleTimeMs }
  if (answer.kind !== 'response') return answer
  const { api, received } = request
  const codec = codecFor(api, received.apiVersion)
  const response = responseIn(codec, answer.frame)
  if (response === undefined) return { ...answer, throttleTimeMs }
  const frame = encodeResponseFrame(codec, received.correlationId, { ...response, throttleTimeMs })
  return { kind: 'response', frame, throttleTimeMs }
}

/** The frame is copied: it is overwritten when `handle` has returned. */
function delayedWork(ports: BrokerPorts, delayMs: number, handle: Handle): Handle {
  return (frame, answer) => {
    const copy = Uint8Array.from(frame)
    let cancel = ports.after(delayMs, () => {
      cancel = handle(copy, answer)
    })
    return () => cancel()
  }
}

function delayedAnswer(ports: BrokerPorts, delayMs: number, handle: Handle): Handle {
  return (frame, answer) => {
    let cancelAnswer = nothingToCancel
    const cancelWork = handle(frame, (given) => {
      cancelAnswer = ports.after(delayMs, () => answer(given))
    })
    return () => {
      cancelWork()
      cancelAnswer()
    }
  }
}

/** Nothing cancels the work: its connection is gone before it. */
function strayed(ports: BrokerPorts, delayMs: number, given: Answer, handle: Handle): Handle {
  return (frame, answer) => {
    const copy = Uint8Array.from(frame)
    ports.after(delayMs, () => handle(copy, () => {}))
    answer(given)
    return nothingToCancel
  }
}

/** @param given undefined: no answer at all, so that the connection is never served again */
function instead(when: 'before' | 'after' | undefined, given: Answer | undefined, handle: Handle): Handle {
  return (frame, answer) => {
    const giveUp = (): void => {
      if (given !== undefined) answer(given)
    }
    if (when !== 'before') return handle(frame, giveUp)
    giveUp()
    return nothingToCancel
  }
}

function changed(handle: Handle, change: (answer: Answer) => Answer): Handle {
  return (frame, answer) => handle(frame, (given) => answer(change(given)))
}
