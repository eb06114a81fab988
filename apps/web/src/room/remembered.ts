import { keep, recall } from '../storage.ts'

const key = 'hearsay:rooms'

/** The rooms that were joined on this device, the last one first. */
export function rememberedRooms(): readonly string[] {
  return recall(key)?.split(' ').filter(Boolean) ?? []
}

export function remember(room: string): void {
  const others = rememberedRooms().filter((other) => other !== room)
  keep(key, [room, ...others].slice(0, 20).join(' '))
}

export function forget(room: string): void {
  keep(
    key,
    rememberedRooms()
      .filter((other) => other !== room)
      .join(' '),
  )
}
