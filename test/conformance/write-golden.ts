// Writes the golden vectors anew: node test/conformance/write-golden.ts. Needs Java, and Maven the first time.
import { GOLDEN_FOLDER, writeJavaGolden } from './java-golden.ts'

await writeJavaGolden(GOLDEN_FOLDER)
