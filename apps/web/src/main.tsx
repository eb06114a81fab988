import { options, render } from 'preact'
import { App } from './App.tsx'
import { preferred, speak } from './i18n/translate.ts'
import { preferences } from './preferences.ts'
import { routeOf } from './route.ts'
import { whenIdle } from './ui/later.tsx'
import './style/base.css'
import './style/controls.css'
import './style/room.css'
import './style/messages.css'

// Words that can't be loaded are no reason to show nothing: the page then tries English.
await speak(preferences.value.language ?? preferred()).catch(() => speak('en').catch(() => {}))
// What comes within one frame is drawn once: twenty tabs tell each other a hundred things a second. A hidden page has no frames.
options.debounceRendering = (draw) => {
  if (document.hidden) setTimeout(draw)
  else requestAnimationFrame(draw)
}
const place = document.getElementById('app')
if (place) render(<App route={routeOf(location)} />, place)
whenIdle(async () => {
  const { followKeyboard, startWorker } = await import('./room/soon.ts')
  followKeyboard()
  startWorker()
})
