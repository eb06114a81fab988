import type { Scenario } from '../stage.ts'
import { ceiling } from './ceiling.ts'
import { comeback } from './comeback.ts'
import { durable } from './durable.ts'
import { fanout } from './fanout.ts'
import { flood } from './flood.ts'
import { idle } from './idle.ts'
import { isolated } from './isolated.ts'
import { coldRooms } from './many-rooms.ts'
import { manyRooms } from './rooms.ts'
import { stalled } from './stalled.ts'

/** In the order in which they run and are reported. */
export const scenarios: readonly Scenario[] = [
  ceiling,
  isolated,
  fanout,
  idle,
  durable,
  comeback,
  manyRooms,
  coldRooms,
  stalled,
  flood,
]
