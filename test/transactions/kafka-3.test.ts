import { describe } from 'vitest'
import { brokerTimeout } from './scenarios/broker-timeout.ts'
import { coordinatorKilled } from './scenarios/coordinator-killed.ts'
import { fencing } from './scenarios/fencing.ts'
import { offsets } from './scenarios/offsets.ts'
import { oneAfterAnother } from './scenarios/one-after-another.ts'
import { requests } from './scenarios/requests.ts'
import { visibility } from './scenarios/visibility.ts'
import { hasLocalKafka, useSite } from './transaction-site.ts'

describe.skipIf(!hasLocalKafka)('Kafka 3.9.2', () => {
  const site = useSite({ version: '3.9.2' })
  visibility(site)
  oneAfterAnother(site)
  offsets(site)
  requests(site)
  fencing(site)
  brokerTimeout(site)
  coordinatorKilled(site)
})
