/** Passes a value as what it may not be, as callers in JavaScript do. */
export function unchecked<T>(value: unknown): T {
  claim<T>(value)
  return value
}

function claim<T>(_value: unknown): asserts _value is T {}
