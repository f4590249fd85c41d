/** Passes a value as whatever is wanted, as callers in JavaScript do. */
export function unchecked(value: unknown): never {
  claim(value)
  return value
}

function claim(_value: unknown): asserts _value is never {}
