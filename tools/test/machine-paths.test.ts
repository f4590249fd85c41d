import { expect, test } from 'vitest'
import { checkMachinePaths } from '../tidy/machine-paths.ts'
import { findingsOf } from './findings-of.ts'

const of = (text: string): string[] => findingsOf(checkMachinePaths, { 'docs/testing.md': text })

// Put together, so that these lines are not found themselves.
const path = (...segments: string[]): string => ['', ...segments].join('/')
const host = (...labels: string[]): string => labels.join('.')

test.each([
  path('home', 'ada', 'kafka'),
  path('Users', 'ada'),
  path('root', 'x'),
  path('work', 'x'),
  ['C:', 'Users', 'x'].join('\\'),
])('a path of one machine: %s', (machinePath) => {
  expect(of(`Kafka is in\n'${machinePath}'`)).toEqual([
    expect.stringMatching(/^docs\/testing\.md:2: '.+' is there on one machine/),
  ])
})

test.each([
  host('registry', 'npmjs', 'org'),
  host('repo', 'maven', 'apache', 'org'),
  host('nexus', 'example', 'com'),
  host('proxy', 'golang', 'org'),
])('a host that serves packages: %s', (registry) => {
  expect(of(`tarball: https://${registry}/a.tgz`)).toEqual([
    `docs/testing.md:1: '${registry}' serves packages: leave that to each machine's own settings`,
  ])
})

test('paths of the repository and other hosts pass', () => {
  expect(of('`test/home/x`, https://kafka.apache.org/home/docs, ./work/x, proxy.ts, npm.cmd')).toEqual([])
})
