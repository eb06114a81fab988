export { type Epoch, type GapReason, idOf, newEpoch, resolveCursor } from './cursor.ts'
export { encode, type Fields, type Segment } from './encode.ts'
export { type Event, eventStream, type Form } from './form.ts'
export {
  type Gap,
  Hub,
  type HubOptions,
  type HubStats,
  type JoinOptions,
  type Opening,
  type Verdict,
} from './hub.ts'
export { type EndReason, Listener, type Sink } from './listener.ts'
export { type Past, type PastEvent, type PastLoss, type PastStretch } from './past.ts'
export { type EventMap, Topic } from './topic.ts'
