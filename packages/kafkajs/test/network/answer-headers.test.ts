import { expect, test } from 'vitest'
import { AnswerHeaders } from '../../src/network/answer-headers.ts'

function answer(correlationId: number, bodyBytes: number): Buffer {
  const frame = Buffer.alloc(8 + bodyBytes, 0xff)
  frame.writeInt32BE(4 + bodyBytes, 0)
  frame.writeInt32BE(correlationId, 4)
  return frame
}

// TCP may cut anywhere, so every cut is tried rather than a few likely ones.
test('answers are found wherever the stream is cut', () => {
  const stream = Buffer.concat([answer(7, 3), answer(8, 0), answer(9, 20)])
  for (let cut = 0; cut <= stream.length; cut++) {
    const found: number[][] = []
    const answers = new AnswerHeaders((correlationId, sizeBytes) => found.push([correlationId, sizeBytes]))
    answers.push(stream.subarray(0, cut))
    answers.push(stream.subarray(cut))
    expect(found, `cut at ${cut}`).toEqual([
      [7, 7],
      [8, 4],
      [9, 24],
    ])
  }
})
