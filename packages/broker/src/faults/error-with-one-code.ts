import type { Api, RequestOf, ResponseInput } from '@linger/protocol'
import type { ErrorAnswers } from './error-answers.ts'

/** The APIs whose answers have one code for all. */
export function withOneCode<A extends Api>(
  api: A,
  refusal: (errorCode: number, request: RequestOf<A>) => ResponseInput<A>,
): ErrorAnswers<A> {
  return {
    api,
    refusal: (request, errorCode) => refusal(errorCode, request),
    spoil: (response, errorCode) => {
      const coded: { errorCode?: number } = response
      coded.errorCode = errorCode
    },
  }
}
