import { render } from 'preact'
import { App } from './App.tsx'
import { preferred, speak } from './i18n/translate.ts'
import { preferences } from './preferences.ts'
import { routeOf } from './route.ts'
import { followKeyboard } from './ui/keyboard.ts'
import { startWorker } from './worker.ts'
import './style/base.css'
import './style/controls.css'
import './style/landing.css'
import './style/room.css'
import './style/messages.css'
import './style/dialogs.css'

followKeyboard()
startWorker()
// Words that can't be loaded are no reason to show nothing: the page then speaks English.
await speak(preferences.value.language ?? preferred()).catch(() => {})
const place = document.getElementById('app')
if (place) render(<App route={routeOf(location)} />, place)
