// Writes the golden lines anew: node test/compression/write-java-golden.ts. Needs Java, and Maven the first time.
import { join } from 'node:path'
import { GOLDEN_FOLDER } from './golden-folder.ts'
import { writeJavaGolden } from './kafka-classes.ts'

await writeJavaGolden(join(GOLDEN_FOLDER, 'java.jsonl'))
