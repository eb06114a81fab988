import { locale, preferred, speak } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'

/** A language that was chosen, in this tab or in another one, is spoken. */
export function followLanguage(): void {
  preferences.watch(() => {
    const wanted = preferences.value.language ?? preferred()
    // Words that can't be loaded now are loaded with the next page.
    if (wanted !== locale.value) speak(wanted).catch(() => {})
  })
}
