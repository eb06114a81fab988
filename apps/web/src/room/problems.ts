import { ProblemError } from '@hearsay/client'
import type { Problem } from '@hearsay/protocol'
import { fullTime } from '../i18n/dates.ts'
import { isKey, t } from '../i18n/translate.ts'

/** What went wrong, in one sentence: in the reader's language where the code is known, else in the server's words. */
export function sentence(problem: Problem): string {
  const { code, detail, title, status } = problem
  const key = `problem.${code}`
  // What a proxy answers in the server's place has no sentence, only the phrase of its status.
  const theirs = code === `http-${status}` ? t('problem.stray', { status: `${status}` }) : title
  const words = isKey(key) ? t(key as 'problem.internal') : (detail ?? theirs)
  const { until, reason } = penaltyOf(problem)
  return [
    words,
    until && t('problem.until', { time: fullTime(until) }),
    reason && t('problem.reason', { reason }),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Until when somebody is out or silent, by this device's clock, and why: as far as the server tells. */
export function penaltyOf({ code, retryAfter, reason }: Problem): {
  readonly until: Date | undefined
  readonly reason: string | undefined
} {
  if (!['banned', 'removed', 'muted'].includes(code)) return { until: undefined, reason: undefined }
  return {
    until: retryAfter === undefined ? undefined : new Date(Date.now() + retryAfter * 1000),
    reason,
  }
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
