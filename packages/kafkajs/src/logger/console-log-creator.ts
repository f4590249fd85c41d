import type { logCreator } from './logger.ts'

const ERROR = 1
const WARN = 2
const INFO = 4

/** One line of JSON for each entry, where its level belongs on the console. */
export const consoleLogCreator: logCreator = () => {
  return ({ namespace, level, label, log }) => {
    const prefix = namespace ? `[${namespace}] ` : ''
    const line = JSON.stringify({ level: label, ...log, message: `${prefix}${log.message}` })
    const { console: terminal } = globalThis
    if (level === ERROR) terminal.error(line)
    else if (level === WARN) terminal.warn(line)
    else if (level === INFO) terminal.info(line)
    else terminal.log(line)
  }
}
