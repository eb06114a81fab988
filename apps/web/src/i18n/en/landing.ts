/** The words of the page at the server's root. */
export const landing = {
  'landing.lead':
    'Group chat without accounts. Open a room, share its address, and everyone who has it can talk.',
  'landing.roomLabel': 'Room name',
  'landing.roomHint': 'Letters a to z, digits and hyphens, up to 64.',
  'landing.roomWrong':
    'A room name has 1 to 64 of a to z, 0 to 9 and hyphens, and starts and ends with a letter or digit.',
  'landing.open': 'Open room',
  'landing.make': 'Make a new room',
  'landing.making': 'Making the room …',
  'landing.lobby': 'Visit the lobby',
  'landing.shared': 'Choose or make a room to share this in',
  'landing.recent': 'Your rooms on this device',
  'landing.forget': 'Forget {room}',
  'landing.keepsTitle': 'What this server keeps',
  'landing.keepsMessages': 'What is said in a room, for as long as its host decides.',
  'landing.keepsNever': 'No accounts, no cookies, no addresses, no trackers.',
  'landing.keepsName': 'Your name and mark are different in every room, and nobody can link them.',
  'landing.keepsCurl': 'Works from a terminal too:',
  'landing.contact': 'Contact whoever runs this server',
} as const
