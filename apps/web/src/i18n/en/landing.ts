/** The words of the page at the server's root. */
export const landing = {
  'landing.lead':
    'Group chat without accounts. Open a room, share its address, and everyone who has it can talk.',
  'landing.roomLabel': 'Room name',
  'landing.roomRule':
    'Letters a to z, digits and hyphens, 64 at most. A letter or digit first and last.',
  'landing.open': 'Open room',
  'landing.make': 'Make a new room',
  'landing.making': 'Making the room …',
  'landing.lobby': 'Visit the lobby',
} as const
