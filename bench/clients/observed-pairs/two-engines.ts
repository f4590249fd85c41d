import { registerHooks } from 'node:module'
import type * as producerPackage from '@linger/producer'
import { patchedSources, type SourcePatch } from '../../../test/simulation/campaign/source-patch.ts'
import type { Side } from './pairs.ts'

export type ProducerPackage = typeof producerPackage

const PACKAGES = new URL('../../../packages/', import.meta.url).href
const SOURCES = 'packages/producer/src/'
const SIDE = 'side'

/** The engine without what observes it: counters per batch and per request, and the look for subscribers per record. */
const UNOBSERVED: readonly SourcePatch[] = [
  returnsAtOnce('observe/meter.ts', 'record(value: number, nowMs: number): void {'),
  returnsAtOnce('observe/node-meters.ts', '#record(name: keyof TrafficMeters, value: number, nowMs: number): void {'),
  returnsAtOnce(
    'observe/producer-meters.ts',
    'onSent(batches: readonly ProducerBatch[], node: NodeMeters, nowMs: number): void {',
  ),
  returnsAtOnce('observe/broker-observer.ts', 'onResponse(frame: Uint8Array, nowMs: number): void {'),
  returnsAtOnce(
    'observe/broker-observer.ts',
    'onRequest(exchange: Exchange, buffers: readonly Uint8Array[], nowMs: number): Exchange {',
    'exchange',
  ),
  {
    file: `${SOURCES}producer-parts.ts`,
    code: 'traces.send.hasSubscribers ? tracedSender : sender',
    instead: 'sender',
  },
]

function returnsAtOnce(file: string, code: string, result: string = ''): SourcePatch {
  return { file: `${SOURCES}${file}`, code, instead: `${code}\n return ${result}\n` }
}

/** Loads the producer package in such a way that it may be there twice in one process, sharing no code. */
export function engineLoader(): (side: Side) => Promise<ProducerPackage> {
  const sources = new Map([...patchedSources(UNOBSERVED)].map(([url, source]) => [sideOf(url, 'unobserved'), source]))
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context)
      const side = context.parentURL === undefined ? null : new URL(context.parentURL).searchParams.get(SIDE)
      const isOurs = side !== null && resolved.url.startsWith(PACKAGES)
      return isOurs ? { ...resolved, url: sideOf(resolved.url, side) } : resolved
    },
    load: (url, context, nextLoad) => {
      const source = sources.get(url)
      return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true }
    },
  })
  return (side) => import(sideOf(`${PACKAGES}producer/src/index.ts`, side))
}

function sideOf(url: string, side: string): string {
  return `${url}?${SIDE}=${side}`
}
