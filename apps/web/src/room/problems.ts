import { ProblemError } from '@hearsay/client'
import type { Problem } from '@hearsay/protocol'
import { isKey, t } from '../i18n/translate.ts'

/** What went wrong, in one sentence: in the reader's language where the code is known, else in the server's words. */
export function sentence(problem: Problem): string {
  const key = `problem.${problem.code}`
  return isKey(key) ? t(key as 'problem.internal') : (problem.detail ?? problem.title)
}

/** Does something that the server may refuse. Answers the refusal in one sentence, or null where it worked. */
export async function refusalOf(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act()
    return null
  } catch (error) {
    if (error instanceof ProblemError) return sentence(error.problem)
    throw error
  }
}
