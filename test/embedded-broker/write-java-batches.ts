// Writes the golden batches anew: node test/embedded-broker/write-java-batches.ts. Needs Java, and Maven the first time.
import { JAVA_BATCHES_FILE, writeJavaBatches } from './java-batches.ts'

await writeJavaBatches(JAVA_BATCHES_FILE)
