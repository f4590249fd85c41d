import { checkBannedWords } from './banned-words.ts'
import { checkCoverageIgnores } from './coverage-ignores.ts'
import { checkDefaultExports } from './default-exports.ts'
import { checkEnums } from './enums.ts'
import { checkFaultCoverage } from './fault-coverage.ts'
import { checkFileMap } from './file-map.ts'
import { checkFileNames } from './file-names.ts'
import { checkFileSize } from './file-size.ts'
import type { Check } from './finding.ts'
import { checkFunctionSize } from './function-size.ts'
import { checkGoldenCoverage } from './golden-coverage.ts'
import { checkGuardedInvariants } from './guarded-invariants.ts'
import { checkLayering } from './layering.ts'
import { checkMachinePaths } from './machine-paths.ts'
import { checkSecurityRules } from './security-rules.ts'
import { checkTestNames } from './test-names.ts'
import { checkTypeEscapes } from './type-escapes.ts'

/** What compiler, linter and formatter do not look at. */
export const checks: readonly Check[] = [
  checkFileSize,
  checkFunctionSize,
  checkTypeEscapes,
  checkCoverageIgnores,
  checkEnums,
  checkDefaultExports,
  checkFileNames,
  checkTestNames,
  checkBannedWords,
  checkLayering,
  checkMachinePaths,
  checkFileMap,
  checkGoldenCoverage,
  checkFaultCoverage,
  checkSecurityRules,
  checkGuardedInvariants,
]
