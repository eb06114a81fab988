/** What opens over a room at a click: one file, as people who open one thing open another. */
export { Panels } from './Panels.tsx'
export { RoomMenu } from './RoomMenu.tsx'
export { RowMenu } from './RowMenu.tsx'
export { Viewer } from './Viewer.tsx'
