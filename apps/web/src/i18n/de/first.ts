import type { More, Words } from '../translate.ts'

export const first: Words<'first'> = {
  'app.save': 'Speichern',
  'app.tryAgain': 'Noch einmal versuchen',
  'app.loadFailed':
    'Dieser Teil der Seite ließ sich nicht laden. Prüfe das Netz und versuche es noch einmal.',
  'room.skip': 'Zum Eingabefeld springen',
  'room.messages': 'Nachrichten in {room}',
  'room.people': 'Leute',
  'room.share': 'Teilen',
  'room.menu': 'Menü',
  'room.home': 'Alle Räume',
  'room.here': { one: '{count} hier', other: '{count} hier' },
  'room.you': 'du',
  'room.host': 'Gastgeber',
  'room.moderator': 'Moderation',
  'room.loading': 'Nachrichten werden geholt …',
  'room.slow': 'Es dauert länger als sonst. Es geht von selbst weiter.',
  'room.olderLoading': 'Ältere Nachrichten werden geholt …',
  'room.newLine': 'Neu',
  'room.today': 'Heute',
  'room.yesterday': 'Gestern',
  'join.title': 'Du betrittst {room}',
  'join.as': 'Dein Name hier',
  'join.others':
    'Andere sehen diesen Namen und dein Zeichen. Niemand erkennt dich in anderen Räumen wieder.',
  'join.keeps': 'Der Server bewahrt auf, was du sagst, und nichts über dich.',
  'join.join': 'Mitreden',
  'join.made': 'Lass es leer, dann bekommst du einen erfundenen Namen.',
  'join.mark': 'Dein Zeichen: {mark}.',
  'composer.label': 'Nachricht an {room}',
  'composer.placeholder': 'Nachricht schreiben',
  'composer.send': 'Senden',
  'message.actions': 'Aktionen für die Nachricht von {name}',
  'message.showMore': 'Alles zeigen',
  'message.showLess': 'Weniger zeigen',
  'message.mark': 'Zeichen {mark}',
  'net.connecting': 'Verbindung wird hergestellt …',
  'net.live': 'Verbunden',
  'net.refused': 'Nicht verbunden',
  'net.catchingUp': 'Verpasstes wird nachgeholt …',
  'notify.on': 'Benachrichtigungen sind an',
  'notify.off': 'Benachrichtigungen sind aus',
}

/** Where its other words are. */
export const more: More = {
  landing: async () => (await import('./landing.ts')).landing,
  later: async () => (await import('./later.ts')).later,
}
