/** The words of a room when it comes into sight: they are counted with the page's first load (size.ts). */
export const first = {
  'app.save': 'Save',
  'app.tryAgain': 'Try again',
  'app.loadFailed': 'This part of the page could not be loaded. Check the network and try again.',

  'room.skip': 'Skip to composer',
  'room.messages': 'Messages in {room}',
  'room.people': 'People',
  'room.share': 'Share',
  'room.menu': 'Menu',
  'room.home': 'All rooms',
  'room.here': { one: '{count} here', other: '{count} here' },
  'room.you': 'you',
  'room.host': 'host',
  'room.moderator': 'moderator',
  'room.loading': 'Getting the messages …',
  'room.slow': 'This takes longer than usual. It goes on by itself.',
  'room.olderLoading': 'Getting older messages …',
  'room.newLine': 'New',
  'room.today': 'Today',
  'room.yesterday': 'Yesterday',

  'join.title': 'You are joining {room}',
  'join.as': 'Your name here',
  'join.others': 'Others see this name and your mark. They can’t link you to another room.',
  'join.keeps': 'The server keeps what you say, and nothing about you.',
  'join.join': 'Join',
  'join.made': 'Leave it empty and you get a name made for you.',
  'join.mark': 'Your mark: {mark}.',

  'composer.label': 'Message to {room}',
  'composer.placeholder': 'Write a message',
  'composer.send': 'Send',

  'message.actions': 'Actions for the message of {name}',
  'message.showMore': 'Show all of it',
  'message.showLess': 'Show less',
  'message.mark': 'mark {mark}',

  'net.connecting': 'Connecting …',
  'net.live': 'Connected',
  'net.refused': 'Not connected',
  'net.catchingUp': 'Catching up …',

  'notify.on': 'Notifications are on',
  'notify.off': 'Notifications are off',
} as const

/** Where its other words are. */
export const more = {
  landing: async () => (await import('./landing.ts')).landing,
  later: async () => (await import('./later.ts')).later,
}
