import type { Message } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'

/** The beginning of what a message says: enough to know it again. */
export function firstLine(message: Pick<Message, 'text' | 'files'>): string {
  const line = wordsOf(message).split('\n', 1)[0] ?? ''
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

/** What a message says, or, where it has no text, what it brings. */
export function wordsOf({ text, files }: Pick<Message, 'text' | 'files'>): string {
  return text || (files ? t('file.count', { count: files.length }) : '')
}
