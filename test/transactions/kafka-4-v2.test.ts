import { describe } from 'vitest'
import { brokerTimeout } from './scenarios/broker-timeout.ts'
import { coordinatorKilled } from './scenarios/coordinator-killed.ts'
import { fencing } from './scenarios/fencing.ts'
import { offsets } from './scenarios/offsets.ts'
import { oneAfterAnother } from './scenarios/one-after-another.ts'
import { requests } from './scenarios/requests.ts'
import { sameAsJava } from './scenarios/same-as-java.ts'
import { visibility } from './scenarios/visibility.ts'
import { wrongOrder } from './scenarios/wrong-order.ts'
import { hasLocalKafka, useSite } from './transaction-site.ts'

describe.skipIf(!hasLocalKafka)('Kafka 4.3.1, transactions v2', () => {
  const site = useSite({ version: '4.3.1', transactionVersion: 2 })
  visibility(site)
  oneAfterAnother(site)
  offsets(site)
  requests(site)
  wrongOrder(site)
  fencing(site)
  brokerTimeout(site)
  sameAsJava(site)
  coordinatorKilled(site)
})
