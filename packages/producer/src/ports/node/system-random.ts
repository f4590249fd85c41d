import type { Random } from '../random.ts'

/** Chance for balancing and jitter. Nothing secret is drawn from it. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random()
  }
}
