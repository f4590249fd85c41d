import { codecFor, crc32c, crc32cImplementation, encodeRequestFrame, encodeResponseFrame, decodeResponseFrame, NO_HEADERS, NOT_IDEMPOTENT, produce, RecordBatchWriter, ZERO_UUID, Writer } from '@linger/protocol'
import { Bench } from 'tinybench'
import { murmur2 } from '../../packages/producer/src/partition/murmur2.ts'
import type { Suite } from './suite.ts'

const NAME = 'micro'
