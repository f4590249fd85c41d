import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

/** Homes and work folders of somebody's machine; at the start of a word, so that no part of a URL counts. */
const MACHINE_PATH = /(?<![\w./-])(?:\/(?:home|Users)\/[\w.-]+|\/root\/|\/work\/|[A-Z]:\\Users\\)/g

/** Hosts that serve packages, public or a company's own: lock files and settings must not name them. */
const REGISTRY_HOST =
  /\b(?:registry|npm|repo1?|nexus|artifactory|proxy|mirrors?)\.[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b|\bfiles\.pythonhosted\.org\b/g

/** What is committed works on any machine and with any registry. */
export function checkMachinePaths(repository: Repository): Finding[] {
  return repository.files.flatMap((file) => [
    ...[...file.text.matchAll(MACHINE_PATH)].map(({ 0: path, index }) =>
      file.finding(
        index,
        `'${path}' is there on one machine only: take a path from the repository, or node:os tmpdir()`,
      ),
    ),
    ...[...file.text.matchAll(REGISTRY_HOST)].map(({ 0: host, index }) =>
      file.finding(index, `'${host}' serves packages: leave that to each machine's own settings`),
    ),
  ])
}
