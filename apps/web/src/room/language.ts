import { locale, preferred, speak } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'

/** A language that was chosen, in this tab or in another one, is spoken. */
export function followLanguage(): void {
  const follow = async (): Promise<void> => {
    const wanted = preferences.value.language ?? preferred()
    if (wanted === locale.value) return
    await speak(wanted)
    // Another one may have been chosen while its words came.
    await follow()
  }
  // Words that can't be loaded now are loaded with the next page.
  preferences.watch(() => void follow().catch(() => {}))
}
