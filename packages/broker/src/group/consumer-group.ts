import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'

export interface GroupMember {
  readonly memberId: string
  /** Of a static member (KIP-345). */
  readonly groupInstanceId?: string
}

/**
 * A consumer group as far as a transaction cares: who may commit offsets for it. Nobody can join here; a test says who
 * has.
 *
 * @source Kafka 4.3.1 org.apache.kafka.coordinator.group.classic.ClassicGroup
 */
export class ConsumerGroup {
  readonly generationId: number
  readonly members: readonly GroupMember[]

  constructor(generationId: number, members: readonly GroupMember[]) {
    this.generationId = generationId
    this.members = members
  }

  /**
   * @throws RequestRefused ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID
   * @source Kafka 4.3.1 ClassicGroup.validateOffsetCommit, validateMember
   */
  validateCommit(generationId: number, memberId: string, groupInstanceId: string | null): void {
    if (generationId < 0 && this.members.length === 0) return
    if (generationId < 0 && memberId === '' && groupInstanceId === null) return
    this.#validateMember(memberId, groupInstanceId)
    if (generationId !== this.generationId) {
      refuse(ErrorCode.ILLEGAL_GENERATION, `generation ${generationId} and not ${this.generationId}`)
    }
  }

  #validateMember(memberId: string, groupInstanceId: string | null): void {
    const instance = this.members.find((member) => member.groupInstanceId === groupInstanceId)
    if (groupInstanceId !== null && instance !== undefined && instance.memberId !== memberId) {
      refuse(ErrorCode.FENCED_INSTANCE_ID, `${groupInstanceId} is another member by now`)
    }
    const isMember = this.members.some((member) => member.memberId === memberId)
    if (!isMember || (groupInstanceId !== null && instance === undefined)) {
      refuse(ErrorCode.UNKNOWN_MEMBER_ID, `no member ${memberId}, or no instance ${groupInstanceId}`)
    }
  }
}

function refuse(errorCode: ErrorCode, message: string): never {
  throw new RequestRefused(errorCode, message)
}
