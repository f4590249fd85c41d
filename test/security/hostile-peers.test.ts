import { expect, test } from 'vitest'
import { startProgram } from '../run-program.ts'

const STRICT = { NODE_OPTIONS: '--unhandled-rejections=strict' }

test.each(['1', '2', '3'])(
  'S24: whatever peers say and functions throw, calls fail and the process does not (seed %s)',
  async (seed) => {
    const { exitCode, stdout, stderr } = await startProgram('test/security/hostile-peers.ts', [seed], STRICT).ended
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '51 calls of 51 failed\n', stderr: '' })
  },
)
