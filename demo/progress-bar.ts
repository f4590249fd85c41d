import { SingleBar } from 'cli-progress'

/** On a terminal a bar, elsewhere a line every few seconds; on stderr, so that stdout holds results only. */
export function progressBar(doing: string, total: number): SingleBar {
  const bar = new SingleBar({
    format: `${doing.padEnd(12)} [{bar}] {percentage}% {value}/{total}`,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    gracefulExit: false, // main.ts handles the signals
  })
  bar.start(total, 0)
  return bar
}
