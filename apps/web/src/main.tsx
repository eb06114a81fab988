import { options, render } from 'preact'
import { App } from './App.tsx'
import { preferred, speak, withWords } from './i18n/translate.ts'
import { preferences } from './preferences.ts'
import { routeOf } from './route.ts'
import { whenIdle } from './ui/later.tsx'
import './style/base.css'
import './style/controls.css'
import './style/room.css'
import './style/messages.css'

// Words that can't be loaded are no reason to show nothing: the page then tries English.
await speak(preferences.value.language ?? preferred()).catch(() => speak('en').catch(() => {}))
// The first change after a frame is drawn at once: one's own message is not to wait. What else comes before the next frame is
// drawn together with it: twenty tabs tell each other a hundred things a second. A hidden page has no frames.
let hasDrawn = false
options.debounceRendering = (draw) => {
  if (document.hidden) setTimeout(draw)
  else if (hasDrawn) requestAnimationFrame(draw)
  else {
    hasDrawn = true
    requestAnimationFrame(() => (hasDrawn = false))
    queueMicrotask(draw)
  }
}
const place = document.getElementById('app')
if (place) render(<App route={routeOf(location)} />, place)
whenIdle(async () => {
  const { begin } = await withWords(import('./room/soon.ts'))
  begin()
})
