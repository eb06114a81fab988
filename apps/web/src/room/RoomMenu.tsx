import type { JSX } from 'preact'
import { icons } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import { useRoom, useSnapshot, type Panel } from './view.ts'

interface Props {
  readonly anchor: HTMLElement
  readonly onClose: () => void
}

/** The ways from a room to everything else. */
export function RoomMenu({ anchor, onClose }: Props): JSX.Element {
  const view = useRoom()
  const { role } = useSnapshot(view, 'role')
  const isOn = use(preferences).notify !== 'off'
  const item = (icon: string, panel: Panel, label: string): JSX.Element => (
    <MenuItem
      icon={icon}
      onPick={() => {
        onClose()
        view.panel.value = panel
      }}
    >
      {label}
    </MenuItem>
  )
  return (
    <Menu label={t('room.menu')} anchor={anchor} onClose={onClose}>
      {item(icons.people, 'people', t('room.people'))}
      {view.joined.value && item(moreIcons.edit, 'name', t('people.rename'))}
      {(role === 'own' || role === 'moderate') && item(moreIcons.shield, 'host', t('host.title'))}
      <MenuItem
        icon={icons.bell}
        onPick={() => {
          onClose()
          void view.ring()
        }}
      >
        {isOn ? t('notify.on') : t('notify.off')}
      </MenuItem>
      {item(moreIcons.gear, 'settings', t('settings.title'))}
      {item(moreIcons.keys, 'shortcuts', t('shortcuts.title'))}
      <MenuItem icon={moreIcons.door} onPick={() => location.assign('/')}>
        {t('command.leave')}
      </MenuItem>
    </Menu>
  )
}
