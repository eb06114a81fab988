import type { Words } from '../translate.ts'

export const landing: Words<'landing'> = {
  'landing.lead':
    'Gruppenchat ohne Konto. Öffne einen Raum, gib seine Adresse weiter, und alle, die sie haben, können mitreden.',
  'landing.roomLabel': 'Name des Raums',
  'landing.roomRule':
    'Buchstaben a bis z, Ziffern und Bindestriche, höchstens 64. Am Anfang und Ende ein Buchstabe oder eine Ziffer.',
  'landing.open': 'Raum öffnen',
  'landing.make': 'Neuen Raum anlegen',
  'landing.making': 'Der Raum wird angelegt …',
  'landing.lobby': 'In die Lobby',
}
