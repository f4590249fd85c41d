/** Versions in which something exists: `3+` from version 3 on, `0-2` in versions 0 to 2. */
export type VersionRange = `${number}+` | ClosedVersionRange

/** First and last version, `0-5`. */
export type ClosedVersionRange = `${number}-${number}`

export interface Versions {
  readonly min: number
  /** Infinity for an open range. */
  readonly max: number
}

export function versionsIn(range: VersionRange): Versions {
  const [min, max] = range.endsWith('+') ? [range.slice(0, -1), 'Infinity'] : range.split('-')
  return { min: Number(min), max: Number(max) }
}

export function includesVersion(range: VersionRange, version: number): boolean {
  const { min, max } = versionsIn(range)
  return min <= version && version <= max
}
