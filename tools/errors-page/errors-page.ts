import { produceDecision, type BatchFacts } from '../../packages/producer/src/ack/produce-decision.ts'
import { errorCodes, type KafkaErrorCode } from '../../packages/protocol/src/errors/error-codes.ts'
import { brokerCodes } from './broker-codes.ts'
import { type ClientExplanation, clientCodes } from './client-codes.ts'

/** The default producer, with a batch of one record that was not sent before. */
const FIRST_ATTEMPT: BatchFacts = {
  isIdempotent: true,
  isTransactional: false,
  mayBeWritten: false,
  mayRetry: true,
  maySplit: true,
  isLogStartKnown: true,
}

/** docs/errors.md: every code has an address there. Codes of brokers are told as the producer treats them. */
export function errorsPage(): string {
  const errors = errorCodes.filter(({ name }) => name !== 'NONE')
  const [known, others] = [true, false].map((isKnown) => errors.filter(({ name }) => name in brokerCodes === isKnown))
  return `${INTRODUCTION}
## Codes of this client

${Object.entries(clientCodes).map(clientSection).join('\n')}
## What brokers answer

How the default producer, with acks=all and idempotence, treats each code. Without idempotence nothing is tried again
under a new epoch or id, and nothing ends the producer.

${known?.map(brokerSection).join('\n') ?? ''}
${UNKNOWN_ERROR}
## Codes for others

These belong to requests of consumers, administrators and brokers, and are told as a Produce request would be treated
that is answered with one. Calls about topics answer the codes that are about topics with outcome \`never\`, the offsets
of a transaction those that are about groups with \`never\` and \`requiresAbort\`, and INVALID_TRANSACTION_TIMEOUT of
\`initTransactions()\` is \`never\` and ends the producer.

${others?.map(brokerSection).join('\n') ?? ''}`
}

const INTRODUCTION = `# Errors

Every error of the producer is a \`KafkaError\`. Switch on its \`code\`; its \`docs\` is the address here.

- \`outcome\` says if the records may be in the log. \`'never'\` is a promise: no attempt reached a broker, or each was
  refused with a code that proves that nothing was written. After \`'unknown'\` they may be there, now or later, and
  sending them again may write them twice. One attempt without such proof makes it \`'unknown'\` for good.
  Of calls that make or delete topics it says the same: \`'never'\` means that nothing was made or deleted.
- \`retriable\`: the same call may succeed later.
- \`fatal\`: this producer can send nothing more. Close it and make a new one.
- \`requiresAbort\`: the transaction can only be aborted.
- \`partition\`: the one that was chosen for the record, where there was one.
- \`cause\`: what went wrong before it, where there was such a thing.
- \`failures\` of a \`TopicsError\`: why, for each topic that was refused. \`results\` of a \`SendAllError\`: what became of
  each record. \`deadLetter\` and \`deadLetterError\` of a \`DeadLetterError\`:
  [dead letters](delivery.md#dead-letters).

This page is written by \`tools/write-errors-page.ts\`.
`

const UNKNOWN_ERROR = `### UNKNOWN_ERROR

Not tried again · outcome \`unknown\`

The broker is newer than this client, and answered a code that the client does not know. The error's \`code\` ends with its
number.

**What to do:** Look the number up in Kafka's protocol guide, and use a newer client.
`

function clientSection([code, explanation]: [string, ClientExplanation]): string {
  const { happened, outcome, isRetried, advice } = explanation
  return `### ${code}

${happened}

- Outcome: ${outcome}
- Tried again? ${isRetried}

**What to do:** ${advice}
`
}

function brokerSection(error: KafkaErrorCode): string {
  const { happened, treatment, advice } = brokerCodes[error.name] ?? {}
  return `### ${error.name}

Code ${error.code} · ${treatment ?? treatmentOf(error.code)}

${[error.meaning, happened].filter((sentence) => sentence !== undefined).join(' ')}
${advice === undefined ? '' : `\n**What to do:** ${advice}\n`}`
}

function treatmentOf(code: number): string {
  const last = produceDecision(code, { ...FIRST_ATTEMPT, mayRetry: false, maySplit: false })
  const decision = produceDecision(code, FIRST_ATTEMPT)
  const outcome = last.kind === 'fail' ? `outcome \`${last.outcome}\`` : ''
  switch (decision.kind) {
    case 'acknowledge':
      return 'a success'
    case 'retry':
      return `tried again; if that never succeeds, ${outcome}`
    case 'restamp':
      return `tried again under a new ${decision.identity === 'bump' ? 'epoch' : 'producer id'}; if that never succeeds, ${outcome}`
    case 'split':
      return `tried again in smaller batches; for a single record, ${outcome}`
    case 'fail':
      return `${decision.fatal ? 'ends the producer' : 'not tried again'} · ${outcome}`
  }
}
