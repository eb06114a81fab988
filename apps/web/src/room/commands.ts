import { t, type Key } from '../i18n/translate.ts'
import type { Panel, RoomView } from './view.ts'

/** What can be typed after a slash. */
export const commands = {
  name: 'command.name',
  share: 'command.share',
  people: 'command.people',
  settings: 'command.settings',
  help: 'command.help',
  leave: 'command.leave',
} as const satisfies Record<string, Key>

export type Command = keyof typeof commands

/** Does what was typed after a slash. Answers a sentence where there is no such command: it is never posted. */
export function run(view: RoomView, text: string): string | null {
  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/su.exec(text) ?? []
  const panels: Record<string, Panel> = {
    share: 'share',
    people: 'people',
    settings: 'settings',
    help: 'shortcuts',
    name: 'name',
  }
  const panel = panels[name]
  if (name === 'name' && rest) {
    const wrong = view.wrongName?.(rest)
    if (wrong) return wrong
    view.rename(rest.trim())
    view.tell(t('name.now', { name: rest.trim() }))
  } else if (name === 'leave') location.assign('/')
  else if (panel) view.panel.value = panel
  else return t('composer.unknown', { command: `/${name}` })
  return null
}
