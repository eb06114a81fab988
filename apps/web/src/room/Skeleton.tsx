import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'

/** Something in the place of messages that are still to come: not at once, as most come within the blink of an eye. */
export function Skeleton(): JSX.Element | null {
  const [stage, setStage] = useState(0)
  useEffect(() => {
    const timers = [setTimeout(() => setStage(1), 200), setTimeout(() => setStage(2), 5000)]
    return () => timers.forEach(clearTimeout)
  }, [])
  if (stage === 0) return null
  return (
    <div class="skeleton">
      <p role="status" class={stage === 1 ? 'sr' : 'aside'}>
        {stage === 1 ? t('room.loading') : t('room.slow')}
      </p>
      {[62, 38, 80, 51].map((width) => (
        <div class="bone-row" aria-hidden="true">
          <span class="bone seal" />
          <span class="bone" style={{ inlineSize: `${width}%` }} />
        </div>
      ))}
    </div>
  )
}
