import type { ConnectionState } from '@hearsay/client'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { secondsUntil, useNow } from '../countdown.ts'
import { t } from '../i18n/translate.ts'
import { ToNew } from './ToNew.tsx'
import { useRoom, useSnapshot } from './view.ts'
import css from '../style/banner.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** Milliseconds that a connection may be down before anybody is told. */
const PATIENCE = 5000
/** Milliseconds for which "Back online" is shown. */
const RELIEF = 3000

/** What is wrong with the connection and when it is tried again; while all is well, the way to what is new. */
export function Banner(): JSX.Element {
  const view = useRoom()
  const { connection, loaded } = useSnapshot(view, 'connection', 'loaded')
  const isDown = 'downSince' in connection
  const now = useNow(isDown)
  // Where nothing is there to be read meanwhile, the first try that failed is told at once.
  const hasFailed = 'tries' in connection && connection.tries > 0
  const isTold = isDown && (loaded ? now - connection.downSince > PATIENCE : hasFailed)
  const wasTold = useRef(false)
  const [back, setBack] = useState<number | null>(null)
  useEffect(() => {
    if (isTold) {
      wasTold.current = true
      setBack(null)
    }
    if (connection.phase !== 'live' || !wasTold.current) return
    wasTold.current = false
    setBack(connection.caughtUp)
    const timer = setTimeout(() => setBack(null), RELIEF)
    return () => clearTimeout(timer)
  }, [isTold, connection])
  const words = isTold ? trouble(connection, now) : null
  return (
    <>
      <div class="banners" role="status">
        {words && (
          <div class="banner">
            <span>{words}</span>
            {connection.phase === 'waiting' && (
              <button type="button" class="link" onClick={() => view.room.reconnect()}>
                {t('net.retryNow')}
              </button>
            )}
          </div>
        )}
        {!words && back !== null && (
          <div class="banner good">
            {back > 0 ? t('net.backCaughtUp', { count: back }) : t('net.back')}
          </div>
        )}
      </div>
      <ToNew isCovered={words !== null || back !== null} />
    </>
  )
}

/** Why a server has no stream for somebody, by its own word for it. */
const busy: Readonly<Record<string, 'net.draining' | 'net.full' | 'net.roomFull'>> = {
  draining: 'net.draining',
  'too-many-streams': 'net.full',
  'room-full': 'net.roomFull',
}

function trouble(connection: ConnectionState, now: number): string {
  if (connection.phase !== 'waiting') {
    return connection.phase === 'catching-up' ? t('net.catchingUp') : t('net.trying')
  }
  const count = secondsUntil(connection.until, now)
  switch (connection.reason) {
    case 'offline':
      return t('net.offline')
    case 'unreachable':
    case 'intercepted':
      return t(`net.${connection.reason}`, { count })
    case 'busy':
      return t(busy[connection.why ?? ''] ?? 'net.busy', { count })
    case 'closed':
    case 'hidden':
      return t('net.waiting', { count })
  }
}
