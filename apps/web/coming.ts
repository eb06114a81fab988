import type { Plugin } from 'vite'
import { first as ar } from './src/i18n/ar/first.ts'
import { first as de } from './src/i18n/de/first.ts'
import { first as en } from './src/i18n/en/first.ts'
import { first as es } from './src/i18n/es/first.ts'
import { first as fr } from './src/i18n/fr/first.ts'
import { first as ja } from './src/i18n/ja/first.ts'
import { first as zh } from './src/i18n/zh/first.ts'

const sentences = Object.entries({ ar, de, en, es, fr, ja, zh }).map(
  ([lang, words]) => `<p lang="${lang}" dir="auto">${words['room.slow']}</p>`,
)

/**
 * What is seen while the page's style and script are on their way. It says in every language that this is slow, of which the
 * server sends one; and the style sheet comes after it, as nothing below the link to one is drawn before it is there.
 */
export function coming(): Plugin {
  return {
    name: 'hearsay:coming',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const [sheet] = /\n *<link rel="stylesheet" crossorigin[^>]*>/.exec(html) ?? []
        const place = '<!-- slow -->'
        if (!sheet || !html.includes(place)) throw new Error('index.html has another form.')
        const [before = '', after = ''] = html.replace(sheet, '').split(place)
        return `${before}${sentences.join('')}${after.replace('</div>', `</div>${sheet}`)}`
      },
    },
  }
}
