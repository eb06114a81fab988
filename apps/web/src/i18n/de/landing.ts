import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Gruppenchat ohne Konto. Öffne einen Raum, gib seine Adresse weiter, und alle, die sie haben, können mitreden.',
  'landing.roomLabel': 'Name des Raums',
  'landing.roomHint': 'Buchstaben a bis z, Ziffern und Bindestriche, höchstens 64.',
  'landing.roomWrong':
    'Ein Raumname hat 1 bis 64 Zeichen von a bis z, 0 bis 9 und Bindestriche; er beginnt und endet mit Buchstabe oder Ziffer.',
  'landing.open': 'Raum öffnen',
  'landing.make': 'Neuen Raum anlegen',
  'landing.making': 'Der Raum wird angelegt …',
  'landing.lobby': 'In die Lobby',
  'landing.shared': 'Wähle oder öffne einen Raum, um dies zu teilen',
  'landing.recent': 'Deine Räume auf diesem Gerät',
  'landing.forget': '{room} vergessen',
  'landing.keepsTitle': 'Was dieser Server aufbewahrt',
  'landing.keepsMessages': 'Was in einem Raum gesagt wird, so lange wie der Gastgeber es bestimmt.',
  'landing.keepsNever': 'Keine Konten, keine Cookies, keine Adressen, keine Tracker.',
  'landing.keepsName':
    'Dein Name und dein Zeichen sind in jedem Raum andere, und niemand kann sie verbinden.',
  'landing.keepsCurl': 'Geht auch vom Terminal aus:',
  'landing.contact': 'An die Betreiber dieses Servers schreiben',
}
