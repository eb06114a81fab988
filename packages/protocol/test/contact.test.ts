import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hasContact, limits } from '../src/index.ts'

const found = [
  // Telephone numbers as they are written in many countries.
  'call me: +49 171 1234567',
  'my number is 0171/123 45 67',
  'Tel. (030) 12 34 56 78',
  '06 12 34 56 78',
  '+33 6 12 34 56 78.',
  '00 44 20 7946 0958',
  '020 7946 0958',
  '(555) 234-5678',
  'text 555-234-5678 tonight',
  '5552345678',
  '1-800-234-5678',
  '612 34 56 78',
  '612 345 678',
  '090-1234-5678',
  '０９０－１２３４－５６７８',
  '13812345678',
  '٠١٠ ٢٣٤٥ ٦٧٨٩',
  'ring +1 (212) 555-0123!',
  'Tel:0171 1234567',
  'tel:+491711234567',
  'tel.0171 1234567',
  'Nr.0171 1234567',
  'Handy-0171 1234567',
  'Phone=0171 1234567',
  '0171\u00ad1234567',
  '0171\u200b1234567',
  '_0171 1234567_',
  '`0171 1234567`',
  '[0171 1234567](https://example.org)',
  // E-mail.
  'jane@**example**.com',
  'jane@\u200bexample.com',
  'write to jane.doe@example.org',
  'jane+chat@mail.example.co.uk, please',
  'jörg@müller.example',
  // Streets.
  'she lives at 12 Elm Street',
  '12b elm st',
  '**12** Elm Street',
  '221B Upper Baker Street, London',
  '1600 Amphitheatre Way',
  'Lindenstraße 5',
  'in der lindenstrasse 12a',
  'Hauptstr. 7, 3. Stock',
  'Er wohnt Am Alten Weg 12',
  '12 bis, rue de la Paix',
  '5 rue Victor Hugo',
  'Calle de Alcalá, 42',
  'C/ Mayor 3',
  '東京都千代田区丸の内1-2-3',
  '新宿区西新宿２丁目',
  '南京路100号',
  'شارع التحرير 12',
]

const nothing = [
  'hello',
  'see you at 10:30, or 11:45',
  'on 2026-11-25 14:30',
  'am 01.02.2026 um 9',
  '25/11/2026',
  '2026-11-25T14:30:00Z',
  'it took 1,234,567 ms',
  '1.000.000.000',
  '0.123456789',
  '€ 1234567',
  'timestamp 1764103200, or 1764103200123',
  'pi is 3.14159265358979',
  '192.168.100.200 and 10.0.0.1:8080',
  'order #5552345678',
  'see https://example.org/5552345678?a=0171-1234567',
  'git@github.com:foo/bar',
  'ISBN 0-306-40615-2',
  'lottery: 07 14 22 31 38 45',
  'Sitzplatz 12, Tabellenplatz 4',
  '市場で3番',
  'room 12, floor 3',
  '2 people on the road',
  'ten minutes drive, 5 minutes drive',
  'Platz 3 im Rennen',
  'I bring 3, a string 4 long',
  'wir sind unterwegs 3 Tage',
  '2 places libres',
  'a las 5 en casa',
  '3 votes to 2',
  '@mira look',
  '1 2 3 4 5 6 7 8 9 10',
  '000000000000',
  '版本 1.2.3',
  '３日前に会った',
  '我有3个苹果',
  '4111 1111 1111 1111 111 1',
]

it.each(found)('finds how somebody can be reached in: %s', (text) => {
  expect(hasContact(text)).toBe(true)
  expect(hasContact(`well, ${text}`)).toBe(true)
})

it.each(nothing)('finds none in: %s', (text) => {
  expect(hasContact(text)).toBe(false)
})

it('answers for whatever is said, as long as it may be', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...found,
      ...nothing,
      '0',
      '1 ',
      'a.',
      '@',
      'Aa ',
      '1 A',
      'calle ',
      '区あ',
      '+',
    ),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), piece, (pieces, again) => {
      const text = pieces.join('') + again.repeat(limits.text / Math.max(1, again.length))
      expect(typeof hasContact(text)).toBe('boolean')
    }),
  )
})
