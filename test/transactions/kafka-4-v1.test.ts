import { describe } from 'vitest'
import { brokerTimeout } from './scenarios/broker-timeout.ts'
import { changedVersion } from './scenarios/changed-version.ts'
import { coordinatorKilled } from './scenarios/coordinator-killed.ts'
import { fencing } from './scenarios/fencing.ts'
import { offsets } from './scenarios/offsets.ts'
import { oneAfterAnother } from './scenarios/one-after-another.ts'
import { requests } from './scenarios/requests.ts'
import { sameAsJava } from './scenarios/same-as-java.ts'
import { visibility } from './scenarios/visibility.ts'
import { hasLocalKafka, useSite } from './transaction-site.ts'

describe.skipIf(!hasLocalKafka)('Kafka 4.3.1, transactions v1', () => {
  const site = useSite({ version: '4.3.1', transactionVersion: 1 })
  visibility(site)
  oneAfterAnother(site)
  offsets(site)
  requests(site)
  fencing(site)
  brokerTimeout(site)
  sameAsJava(site)
  coordinatorKilled(site)
  changedVersion(site)
})
