/** For how many seconds the room keeps its messages, where it has said so. */
export function retention(settings: Readonly<Record<string, unknown>>): number | undefined {
  const hours = settings['keepHours']
  return typeof hours === 'number' ? hours * 3600 : undefined
}
